//! The files of the page, inside the program. There is no folder that a path could leave.

use crate::http::Body;

/// What `npm run build` in `web/` writes.
const FILES: [(&str, &str, &[u8]); 3] = [
    (
        "",
        "text/html; charset=utf-8",
        include_bytes!("../assets/index.html"),
    ),
    (
        "page.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/page.js"),
    ),
    (
        "page.css",
        "text/css; charset=utf-8",
        include_bytes!("../assets/page.css"),
    ),
];

/// The file of a path.
pub(crate) fn find(path: &str) -> Option<Body> {
    let (_, media, bytes) = FILES.iter().find(|(name, ..)| *name == path)?;
    Some(Body {
        media,
        bytes: (*bytes).into(),
    })
}
