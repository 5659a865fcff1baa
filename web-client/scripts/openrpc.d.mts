export declare const schemaDirectory: string;
export declare function openrpcText(): string;
