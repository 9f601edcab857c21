//! Why there is no page.

use std::io;

use thiserror::Error;

/// Why a page cannot be served.
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
