//! What a client sends, read up to bounds.

use std::io::{self, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::Refusal;

/// The largest head of a request, in bytes: a browser sends about one thousand.
const HEAD: usize = 16 << 10;
/// The largest number of header fields.
const FIELDS: usize = 64;
/// The largest body, in bytes: a request of this page takes some hundred.
pub(crate) const BODY: usize = 64 << 10;
/// The longest that a client may take for a request.
const PATIENCE: Duration = Duration::from_secs(10);

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
enum Length {
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
    length: Length,
}

/// The bytes of a client, until a moment.
pub(super) struct Incoming<'a> {
    stream: &'a TcpStream,
    until: Instant,
    /// Bytes that were read behind the head.
    rest: Vec<u8>,
}

impl<'a> Incoming<'a> {
    pub(super) fn new(stream: &'a TcpStream) -> Self {
        Self {
            stream,
            until: Instant::now() + PATIENCE,
            rest: vec![],
        }
    }

    /// The head. `None` where the client closed the connection without a word, as browsers do with spare ones.
    pub(super) fn head(&mut self) -> Result<Option<Head>, Refusal> {
        let mut bytes = vec![];
        loop {
            let mut fields = [httparse::EMPTY_HEADER; FIELDS];
            let mut request = httparse::Request::new(&mut fields);
            match request.parse(&bytes) {
                Ok(httparse::Status::Complete(length)) => {
                    let head = Head::of(&request)?;
                    self.rest = bytes.split_off(length);
                    return Ok(Some(head));
                }
                Ok(httparse::Status::Partial) if bytes.len() >= HEAD => {
                    let problem = format!("the head of a request has at most {HEAD} bytes");
                    return Err(Refusal::new(431, problem));
                }
                Ok(httparse::Status::Partial) => {}
                Err(httparse::Error::TooManyHeaders) => {
                    let problem = format!("a request has at most {FIELDS} header fields");
                    return Err(Refusal::new(431, problem));
                }
                Err(problem) => return Err(Refusal::new(400, format!("no request: {problem}"))),
            }
            let mut more = [0; 4096];
            let most = more.len().min(HEAD - bytes.len());
            match self.read(&mut more[..most]) {
                Ok(0) if bytes.is_empty() => return Ok(None),
                Ok(0) => return Err(Refusal::new(400, "the request ends within its head")),
                Ok(n) => bytes.extend_from_slice(&more[..n]),
                Err(problem) => return Err(slow(&problem)),
            }
        }
    }

    /// The body of the request with this head.
    pub(super) fn body(&mut self, head: &Head) -> Result<Vec<u8>, Refusal> {
        match head.length {
            Length::Known(bytes) if bytes > BODY as u64 => Err(too_large()),
            Length::Known(bytes) => self.exactly(bytes as usize),
            Length::Chunked => self.chunks(),
        }
    }

    fn exactly(&mut self, bytes: usize) -> Result<Vec<u8>, Refusal> {
        let mut found = vec![0; bytes];
        self.read_exact(&mut found)
            .map_err(|problem| slow(&problem))?;
        Ok(found)
    }

    fn chunks(&mut self) -> Result<Vec<u8>, Refusal> {
        let mut body = vec![];
        loop {
            match self.chunk_size()? {
                // Fields behind the last chunk are left unread: the connection ends with this request.
                0 => return Ok(body),
                size if size > (BODY - body.len()) as u64 => return Err(too_large()),
                size => body.extend(self.exactly(size as usize)?),
            }
            if self.exactly(2)? != b"\r\n" {
                return Err(Refusal::new(400, "a chunk is longer than it says"));
            }
        }
    }

    fn chunk_size(&mut self) -> Result<u64, Refusal> {
        /// Hexadecimal digits and the end of a line; extensions of chunks, which no browser sends, do not fit.
        const LINE: usize = 20;
        let mut line = Vec::with_capacity(LINE);
        while line.len() < LINE {
            line.extend(self.exactly(1)?);
            match httparse::parse_chunk_size(&line) {
                Ok(httparse::Status::Complete((_, size))) => return Ok(size),
                Ok(httparse::Status::Partial) => {}
                Err(_) => break,
            }
        }
        Err(Refusal::new(400, "the size of a chunk is no number"))
    }

    /// Reads what a refused client still sends, up to a bound, so that the reply reaches it: a socket that closes with
    /// unread bytes is reset, and a reset client may lose the reply.
    pub(super) fn drain(mut self) {
        const LINGER: Duration = Duration::from_millis(500);
        const MOST: usize = 1 << 20;
        self.until = self.until.min(Instant::now() + LINGER);
        let (mut left, mut bytes) = (MOST, [0; 4096]);
        while let Ok(n) = self.read(&mut bytes) {
            left = left.saturating_sub(n);
            if n == 0 || left == 0 {
                return;
            }
        }
    }
}

impl Read for Incoming<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if !self.rest.is_empty() {
            let n = bytes.len().min(self.rest.len());
            bytes[..n].copy_from_slice(&self.rest[..n]);
            self.rest.drain(..n);
            return Ok(n);
        }
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(bytes)
    }
}

impl Head {
    fn of(request: &httparse::Request<'_, '_>) -> Result<Self, Refusal> {
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

fn too_large() -> Refusal {
    Refusal::new(
        413,
        format!("the body of a request has at most {BODY} bytes"),
    )
}

fn slow(problem: &io::Error) -> Refusal {
    match problem.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            Refusal::new(408, "the request did not come in time")
        }
        _ => Refusal::new(400, format!("the request breaks off: {problem}")),
    }
}
