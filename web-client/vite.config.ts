import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The server sends a strict content security policy: nothing inline, nothing from elsewhere.
export default defineConfig({
  plugins: [react()],
  server: {
    // The schema beside us is imported, and a development server talks to a running Studium.
    fs: { allow: [".."] },
    proxy: {
      "/live": { target: process.env["STUDIUM_URL"] ?? "http://127.0.0.1:8080", ws: true },
      "/collab": { target: process.env["STUDIUM_URL"] ?? "http://127.0.0.1:8080", ws: true },
    },
  },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
  },
});
