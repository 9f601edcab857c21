#![doc = include_str!("../README.md")]

mod access;
mod assets;
mod error;
mod frame;
mod grid;
mod http;
mod images;
mod limits;
mod page;
mod race;
mod table;
mod toy;

pub use error::ViewError;

use std::net::TcpListener;
use std::sync::Arc;

use thalweg::burn::tensor::Device;
use thalweg::data::{Images, Table, Toy};
use thalweg::images::AnyImages;
use thalweg::tabular::FittedDensity;

use crate::access::Access;
use crate::images::ImagesPage;
use crate::page::Page;
use crate::table::TablePage;
use crate::toy::{Choice, Live, Optimizer, Transform};

/// What the page shows, and where.
///
/// ```
/// use thalweg::burn::tensor::Device;
/// use thalweg::data::Toy;
/// use thalweg_view::{Options, Subject};
///
/// let here = Options::new(&Device::default());
/// assert!(matches!(here.subject, Subject::Toy(Toy::TwoMoons)));
/// let rings = Options { port: 8080, subject: Subject::Toy(Toy::Rings), ..here };
/// assert_eq!((rings.host.as_str(), rings.port), ("127.0.0.1", 8080));
/// ```
#[derive(Debug)]
pub struct Options {
    /// The name or address to listen on.
    pub host: String,
    /// The port; 0 for a free one.
    pub port: u16,
    /// What is looked at first.
    pub subject: Subject,
    /// Where networks run.
    pub device: Device,
}

impl Options {
    /// The page for this machine alone, on a free port, with the two moons.
    pub fn new(device: &Device) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            subject: Subject::Toy(Toy::TwoMoons),
            device: device.clone(),
        }
    }
}

/// What a page shows beside the race.
///
/// See [`Options`] for an example.
#[derive(Debug)]
pub enum Subject {
    /// A flow that learns this density from its beginning.
    Toy(Toy),
    /// The density of a table, and rows to compare it with.
    Table(Box<FittedDensity>, Option<Table>),
    /// A density of images, and images to go between.
    Images(Box<AnyImages>, Option<Images>),
}

/// A page that is ready to be served.
///
/// ```
/// use std::io::{Read, Write};
/// use std::net::TcpStream;
/// use std::thread;
///
/// use thalweg::burn::tensor::Device;
/// use thalweg_view::{Options, Viewer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let viewer = Viewer::bind(Options::new(&Device::default()))?;
/// let url = viewer.url().to_owned();
/// let (address, token) = url.trim_start_matches("http://").split_once('/').expect("a token");
/// assert!(address.starts_with("127.0.0.1:"));
/// thread::spawn(move || viewer.serve());
/// let ask = |path: &str| -> std::io::Result<String> {
///     let (mut stream, mut reply) = (TcpStream::connect(address)?, String::new());
///     write!(stream, "GET /{path} HTTP/1.1\r\nHost: {address}\r\n\r\n")?;
///     stream.read_to_string(&mut reply)?;
///     Ok(reply)
/// };
/// assert!(ask(token)?.starts_with("HTTP/1.1 200"));
/// assert!(ask("")?.starts_with("HTTP/1.1 403")); // without the token
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Viewer {
    listener: TcpListener,
    url: String,
    page: Arc<Page>,
}

impl Viewer {
    /// Listens, and begins to train where the subject is a toy.
    ///
    /// # Errors
    ///
    /// An address that cannot be listened on, a system without random numbers, a thread that does not start, a model of
    /// images that draws none.
    pub fn bind(options: Options) -> Result<Self, ViewError> {
        let Options {
            host,
            port,
            subject,
            device,
        } = options;
        let refused = |problem| ViewError::Listen {
            host: host.clone(),
            port,
            problem,
        };
        let listener = TcpListener::bind((host.as_str(), port)).map_err(refused)?;
        let access = Access::new(&host)?;
        let address = listener.local_addr().map_err(refused)?;
        let url = format!("http://{address}/{}/", access.token());
        let mut page = Page {
            access,
            live: Live::new(
                choice(&subject),
                matches!(subject, Subject::Toy(_)),
                &device,
            )?,
            first: choice(&subject).toy,
            table: None,
            images: None,
            device,
        };
        match subject {
            Subject::Toy(_) => {}
            Subject::Table(density, rows) => page.table = Some(TablePage::new(*density, rows)),
            Subject::Images(model, images) => page.images = Some(ImagesPage::new(*model, images)?),
        }
        let page = Arc::new(page);
        Ok(Self {
            listener,
            url,
            page,
        })
    }

    /// The address of the page, with its token.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Answers the browser for as long as the process lives.
    pub fn serve(&self) -> ! {
        http::serve(&self.listener, &self.page)
    }
}

/// The first training: that of the toy, or of the moons where the reader came for a model.
fn choice(subject: &Subject) -> Choice {
    let toy = match subject {
        Subject::Toy(toy) => *toy,
        Subject::Table(..) | Subject::Images(..) => Toy::TwoMoons,
    };
    Choice {
        toy,
        transform: Transform::Spline,
        optimizer: Optimizer::Adam,
    }
}
