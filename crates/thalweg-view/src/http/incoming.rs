//! What a client sends, read up to bounds.

use std::io::{self, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::Refusal;
use super::head::{Head, Length};

/// The largest head of a request, in bytes: a browser sends about one thousand.
const HEAD: usize = 16 << 10;
/// The largest number of header fields.
const FIELDS: usize = 64;
/// The largest body, in bytes: a request of this page takes some hundred.
pub(crate) const BODY: usize = 64 << 10;
/// The longest that a client may take for a request.
const PATIENCE: Duration = Duration::from_secs(10);

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
