//! Who is refused.

use crate::client::{new, shared};

#[test]
fn the_page_comes_with_its_token_and_forbids_what_it_does_not_need() {
    let page = shared().get("");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<title>thalweg view</title>"));
    for field in [
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
    ] {
        assert!(page.head.contains(field), "{}", page.head);
    }
    assert!(!page.head.contains("Access-Control-Allow"), "{}", page.head);
}

#[test]
fn a_wrong_token_and_none_are_forbidden() {
    let page = shared();
    let (address, token) = (&page.address, &page.token);
    let almost = format!("{}0", &token[..token.len() - 1]);
    let almost = if almost == *token {
        format!("{}1", &token[..token.len() - 1])
    } else {
        almost
    };
    for path in [
        "",
        "page.js",
        "about",
        &almost,
        &format!("{almost}/"),
        &format!("{token}0/"),
        &token[1..],
    ] {
        let reply = page.head(&format!("GET /{path} HTTP/1.1\nHost: {address}"));
        assert_eq!(reply.status, 403, "{path}: {}", reply.text());
    }
    let other = new();
    assert_ne!(other.token, *token);
    assert_eq!((token.len(), other.get("").status), (32, 200));
}

#[test]
fn a_foreign_name_of_this_machine_is_forbidden() {
    let page = shared();
    let port = page.address.rsplit_once(':').unwrap().1;
    let ask = |host: &str| {
        page.head(&format!("GET /{}/ HTTP/1.1\nHost: {host}", page.token))
            .status
    };
    // Names that another site may let lead here.
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example:80",
        "",
        ":",
    ] {
        assert_eq!(ask(&format!("{host}:{port}")), 403, "{host}");
        assert_eq!(ask(host), 403, "{host}");
    }
    for host in ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"] {
        assert_eq!(ask(&format!("{host}:{port}")), 200, "{host}");
    }
    let none = page.head(&format!("GET /{}/ HTTP/1.1", page.token));
    let two = page.head(&format!(
        "GET /{}/ HTTP/1.1\nHost: localhost\nHost: evil.example",
        page.token
    ));
    assert_eq!((none.status, two.status), (400, 400));
}

#[test]
fn no_path_leaves_the_list_of_files() {
    let page = shared();
    for path in [
        "../",
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "page.js/../page.css",
        "./page.js",
        "/etc/passwd",
        "page.js\\..\\page.css",
        "assets/page.js",
        "page.js%00",
        "Page.js",
    ] {
        let reply = page.get(path);
        assert_eq!(reply.status, 404, "{path}: {}", reply.text());
    }
    assert_eq!(page.get("page.js").status, 200);
    assert_eq!(page.get("page.css?x=../").status, 200);
}
