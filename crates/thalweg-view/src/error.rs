//! Why there is no page.

use std::io;

use thiserror::Error;

/// Why a page cannot be served.
///
/// ```
/// use std::net::TcpListener;
///
/// use thalweg::burn::tensor::Device;
/// use thalweg_view::{Options, ViewError, Viewer};
///
/// let taken = TcpListener::bind("127.0.0.1:0")?;
/// let port = taken.local_addr()?.port();
/// let options = Options { port, ..Options::new(&Device::default()) };
/// assert!(matches!(Viewer::bind(options), Err(ViewError::Listen { .. })));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ViewError {
    /// The address cannot be listened on.
    #[error(
        "the page cannot be served on {host}:{port}: {problem}; choose others with `--host` and `--port`"
    )]
    Listen {
        /// The name or address.
        host: String,
        /// The port, 0 for any.
        port: u16,
        /// Why.
        problem: io::Error,
    },
    /// The system gives no random numbers for the token.
    #[error("the system gives no random numbers for the token of the address: {0}")]
    Token(String),
    /// The model of images draws none.
    #[error(transparent)]
    Images(#[from] thalweg::images::ImagesError),
    /// The thread of the training cannot start.
    #[error("the training cannot start: {0}")]
    Start(#[from] io::Error),
}
