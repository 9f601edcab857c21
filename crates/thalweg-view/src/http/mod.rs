//! HTTP/1.1 on a socket: one request a connection, every part of it bounded.
//!
//! `httparse` reads the heads. The loop around it is our own: tiny_http, the small server that there is, reads lines of any
//! length, waits for a slow client for ever, and allocates the length that the client claims when it drops a request;
//! hyper brings an asynchronous runtime, which a page for one reader does not need.

mod head;
mod incoming;
mod response;
mod server;

pub(crate) use head::{Head, Method};
pub(crate) use response::{Body, Refusal, Response};
pub(crate) use server::{Handler, serve};
