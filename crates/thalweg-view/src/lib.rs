//! A page of the browser that shows flows while they train, and models of tables and images.
//!
//! [`Viewer`] serves it to this machine. The files of the page are inside the program; `web/` has their sources.

mod access;
mod assets;
mod error;
mod frame;
mod grid;
mod http;
mod limits;
mod page;
mod race;
mod toy;

pub use error::ViewError;

use std::net::TcpListener;
use std::sync::Arc;

use thalweg::burn::tensor::Device;
use thalweg::data::Toy;

use crate::access::Access;
use crate::page::Page;
use crate::toy::{Choice, Live, Optimizer, Transform};

/// What the page shows, and where.
#[derive(Debug)]
pub struct Options {
    /// The name or address to listen on.
    pub host: String,
    /// The port; 0 for a free one.
    pub port: u16,
    /// The toy density that a flow is trained on first.
    pub toy: Toy,
    /// Where networks run.
    pub device: Device,
}

impl Options {
    /// The page for this machine alone, on a free port, with the two moons.
    pub fn new(device: &Device) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            toy: Toy::TwoMoons,
            device: device.clone(),
        }
    }
}

/// A page that is ready to be served.
#[derive(Debug)]
pub struct Viewer {
    listener: TcpListener,
    url: String,
    page: Arc<Page>,
}

impl Viewer {
    /// Listens, and begins to train.
    ///
    /// # Errors
    ///
    /// An address that cannot be listened on, a system without random numbers, a thread that does not start.
    pub fn bind(options: Options) -> Result<Self, ViewError> {
        let Options {
            host,
            port,
            toy,
            device,
        } = options;
        let refused = |problem| ViewError::Listen {
            host: host.clone(),
            port,
            problem,
        };
        let listener = TcpListener::bind((host.as_str(), port)).map_err(refused)?;
        let access = Access::new(&host)?;
        let address = listener.local_addr()?;
        let url = format!("http://{address}/{}/", access.token());
        let choice = Choice {
            toy,
            transform: Transform::Spline,
            optimizer: Optimizer::Adam,
        };
        let live = Live::new(choice, true, &device)?;
        let page = Arc::new(Page {
            access,
            live,
            first: toy,
            device,
        });
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
    ///
    /// # Errors
    ///
    /// A thread that does not start.
    pub fn serve(&self) -> Result<(), ViewError> {
        Ok(http::serve(&self.listener, &self.page)?)
    }
}
