// The web client's files, as a browser asks for them.
#include "tests/unit/edge/fixture.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace studium::test {
namespace {

class StaticFiles : public edge_test {
protected:
    StaticFiles() {
        std::string name = (std::filesystem::temp_directory_path() / "studium-files-XXXXXX").string();
        root_ = ::mkdtemp(name.data());
        put("dist/index.html", "<title>Studium</title>");
        put("dist/assets/app-1a2b.js", "plain");
        put("dist/assets/app-1a2b.js.gz", "zipped");
        put("dist/icon.svg", "<svg/>");
        put("secret.txt", "secret");
        std::filesystem::create_symlink(root_ / "secret.txt", root_ / "dist" / "link.txt");
        options_.static_files = root_ / "dist";
        options_.client_paths = {"/", "/join/*"};
        options_.content_security_policy = "default-src 'self'";
    }
    ~StaticFiles() override { std::filesystem::remove_all(root_); }

    void put(const std::string& name, std::string_view text) {
        std::filesystem::create_directories((root_ / name).parent_path());
        std::ofstream{root_ / name, std::ios::binary} << text;
    }

    std::filesystem::path root_;
};

TEST_F(StaticFiles, ServesThePageUnderItsPaths) {
    serve({});
    raw_client client{port()};
    for (const auto* const path : {"/", "/index.html", "/join/abc", "/join/abc?x=1"}) {
        const auto page = client.get(path);
        EXPECT_EQ(page.status, 200) << path;
        EXPECT_EQ(page.body, "<title>Studium</title>");
        EXPECT_EQ(page.field("Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(page.field("Cache-Control"), "no-cache");
        EXPECT_EQ(page.field("Content-Security-Policy"), "default-src 'self'");
        EXPECT_EQ(page.field("X-Content-Type-Options"), "nosniff");
    }
    EXPECT_EQ(client.get("/elsewhere").status, 404);
    EXPECT_EQ(client.request("DELETE / HTTP/1.1\r\nHost: t\r\n\r\n").field("Allow"), "GET, HEAD");
    client.send_raw("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_EQ(client.read_response(true).field("Content-Length"), "22");
    EXPECT_EQ(client.get("/icon.svg").field("Content-Type"), "image/svg+xml");
}

TEST_F(StaticFiles, KeepsAssetsForEverAndZipsThemWhereTheBrowserCan) {
    serve({});
    raw_client client{port()};
    const auto plain = client.get("/assets/app-1a2b.js");
    EXPECT_EQ(plain.body, "plain");
    EXPECT_EQ(plain.field("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(plain.field("Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(plain.field("Vary"), "Accept-Encoding");
    const auto zipped = client.get("/assets/app-1a2b.js", "Accept-Encoding: br, GZIP;q=0.5\r\n");
    EXPECT_EQ(zipped.body, "zipped");
    EXPECT_EQ(zipped.field("Content-Encoding"), "gzip");
    EXPECT_EQ(zipped.field("Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_NE(zipped.field("ETag"), plain.field("ETag"));
    for (const auto* const no : {"br", "gzip;q=0", "gzip;q=0.000", "deflate"})
        EXPECT_EQ(client.get("/assets/app-1a2b.js", "Accept-Encoding: " + std::string{no} + "\r\n").body,
                  "plain")
            << no;
}

TEST_F(StaticFiles, SpareWhatTheBrowserHas) {
    serve({});
    raw_client client{port()};
    const auto tag = client.get("/").field("ETag");
    ASSERT_FALSE(tag.empty());
    const auto same = client.get("/", "If-None-Match: \"other\", " + tag + "\r\n");
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.field("ETag"), tag);
    EXPECT_EQ(client.get("/", "If-None-Match: \"other\"\r\n").status, 200);
}

TEST_F(StaticFiles, LeadNowhereElse) {
    serve({});
    raw_client client{port()};
    for (const auto* const path :
         {"/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt"})
        EXPECT_EQ(client.get(path).status, 400) << path;
    for (const auto* const path : {"/link.txt", "/secret.txt", "//secret.txt", "/assets", "/assets/"})
        EXPECT_EQ(client.get(path).status, 404) << path;
}

TEST_F(StaticFiles, GiveWayToRoutes) {
    serve({get_route("/icon.svg", [](const edge::http_request&) {
        edge::http_response answer;
        answer.body = "a route";
        return answer;
    })});
    raw_client client{port()};
    EXPECT_EQ(client.get("/icon.svg").body, "a route");
}

TEST_F(StaticFiles, AMissingDirectoryIsSaidAtOnce) {
    options_.static_files = root_ / "nothing";
    EXPECT_THROW(serve({}), std::system_error);
}

} // namespace
} // namespace studium::test
