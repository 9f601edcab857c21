//! Tests by topic, over sockets of this machine.

#![allow(clippy::unwrap_used)]

mod access;
mod bounds;
mod client;
mod images;
mod page;
mod race;
mod table;
mod toy;
