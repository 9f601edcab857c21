//! What a client gets.

use std::borrow::Cow;
use std::io::{self, Write};

/// Fields of every reply. The page loads nothing from elsewhere, runs no script that stands in a page, cannot be framed,
/// and tells nobody its address, in which the token is. Nothing is kept in a cache, since another run has another token.
const FIELDS: &str = "\
Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r
X-Content-Type-Options: nosniff\r
Referrer-Policy: no-referrer\r
Cross-Origin-Opener-Policy: same-origin\r
Cross-Origin-Resource-Policy: same-origin\r
Cache-Control: no-store\r
Connection: close\r
";

/// A reply.
#[derive(Debug)]
pub(crate) struct Response {
    status: u16,
    body: Body,
}

/// The bytes of a reply and their type.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) media: &'static str,
    pub(crate) bytes: Cow<'static, [u8]>,
}

/// A request that is not answered: the status and, for a reader, the reason.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    problem: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self { status, problem }
    }
}

impl From<Body> for Response {
    fn from(body: Body) -> Self {
        Self { status: 200, body }
    }
}

impl From<Refusal> for Response {
    fn from(Refusal { status, problem }: Refusal) -> Self {
        let body = Body {
            media: "text/plain; charset=utf-8",
            bytes: problem.into_bytes().into(),
        };
        Self { status, body }
    }
}

impl Response {
    pub(super) fn write(&self, stream: &mut impl Write) -> io::Result<()> {
        let Body { media, bytes } = &self.body;
        let (status, reason, length) = (self.status, reason(self.status), bytes.len());
        let mut reply = format!(
            "HTTP/1.1 {status} {reason}\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n{FIELDS}\r\n"
        )
        .into_bytes();
        reply.extend_from_slice(bytes);
        stream.write_all(&reply)
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
