//! The head of a request: all that decides whether the body is read.

use super::Refusal;

/// The methods that the page uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// A file of the page.
    Get,
    /// Everything else, with a body of JSON.
    Post,
}

/// How long a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Known(u64),
    Chunked,
}

/// The head of a request: all that decides whether the body is read.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: Method,
    /// The target as it came, without the query.
    pub(crate) path: String,
    /// The field `Host`, which is there exactly once.
    pub(crate) host: String,
    pub(super) length: Length,
}

impl Head {
    pub(super) fn of(request: &httparse::Request<'_, '_>) -> Result<Self, Refusal> {
        let bad = |problem: &str| Refusal::new(400, problem);
        let method = match request.method {
            Some("GET") => Method::Get,
            Some("POST") => Method::Post,
            method => {
                let problem = format!("the page uses GET and POST, not {}", method.unwrap_or("?"));
                return Err(Refusal::new(405, problem));
            }
        };
        let (mut host, mut length, mut chunked) = (None, None, false);
        for field in request.headers.iter() {
            let value =
                str::from_utf8(field.value).map_err(|_| bad("a header field is no text"))?;
            match field.name.to_ascii_lowercase().as_str() {
                "host" if host.replace(value).is_some() => return Err(bad("two fields Host")),
                "content-length" => {
                    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
                    let bytes = value.parse().ok().filter(|_| digits);
                    let bytes: u64 = bytes.ok_or_else(|| bad("the Content-Length is no number"))?;
                    if length.replace(bytes).is_some() {
                        return Err(bad("two fields Content-Length"));
                    }
                }
                "transfer-encoding" if chunked || !value.eq_ignore_ascii_case("chunked") => {
                    return Err(bad("a body is plain or in chunks, once"));
                }
                "transfer-encoding" => chunked = true,
                _ => {}
            }
        }
        let length = match (length, chunked) {
            (Some(_), true) => return Err(bad("a body has a Content-Length or chunks, not both")),
            (None, true) => Length::Chunked,
            (bytes, false) => Length::Known(bytes.unwrap_or(0)),
        };
        let path = request.path.unwrap_or_default();
        Ok(Self {
            method,
            path: path.split('?').next().unwrap_or_default().to_owned(),
            host: host.ok_or_else(|| bad("no field Host"))?.to_owned(),
            length,
        })
    }
}
