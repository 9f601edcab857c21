//! A page that is served, and a client that says what no browser would.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::thread;

use serde_json::Value;
use thalweg::data::Toy;
use thalweg_view::{Options, Subject, Viewer};

/// A served page.
pub(crate) struct Served {
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    pub(crate) token: String,
}

/// A reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// The page of all tests that change nothing on it.
pub(crate) fn shared() -> &'static Served {
    static PAGE: OnceLock<Served> = OnceLock::new();
    PAGE.get_or_init(new)
}

/// A new page that learns the two moons, which no other test shares.
pub(crate) fn new() -> Served {
    serve(Subject::Toy(Toy::TwoMoons))
}

pub(crate) fn serve(subject: Subject) -> Served {
    let device = thalweg::device::from_env().unwrap().device;
    let options = Options {
        subject,
        ..Options::new(&device)
    };
    let viewer = Viewer::bind(options).unwrap();
    let url = viewer.url().to_owned();
    thread::spawn(move || viewer.serve());
    let (address, token) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    Served {
        address: address.to_owned(),
        token: token.trim_end_matches('/').to_owned(),
    }
}

impl Served {
    /// The reply to these bytes, which the client may go on to send while it reads.
    pub(crate) fn raw(&self, request: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request).unwrap();
        let mut bytes = vec![];
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Reply {
            status,
            head,
            body: bytes[end + 4..].to_vec(),
        }
    }

    /// The reply to a head without the empty line behind it.
    pub(crate) fn head(&self, lines: &str) -> Reply {
        let lines = lines.replace('\n', "\r\n");
        self.raw(format!("{lines}\r\n\r\n").as_bytes())
    }

    /// The reply to a path behind the token.
    pub(crate) fn get(&self, path: &str) -> Reply {
        let Self { address, token } = self;
        self.head(&format!("GET /{token}/{path} HTTP/1.1\nHost: {address}"))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        let (Self { address, token }, body) = (self, body.to_string());
        let length = body.len();
        let head = format!(
            "POST /{token}/{path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n\r\n"
        );
        self.raw((head + &body).as_bytes())
    }

    /// A description and the numbers behind it.
    pub(crate) fn frame(&self, path: &str, body: &Value) -> (Value, Vec<f32>) {
        let reply = self.post(path, body);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let (length, rest) = reply.body.split_at(4);
        let length = u32::from_le_bytes(length.try_into().unwrap()) as usize;
        let (head, numbers) = rest.split_at(length);
        let numbers = numbers
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes(four.try_into().unwrap()));
        (serde_json::from_slice(head).unwrap(), numbers.collect())
    }
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
