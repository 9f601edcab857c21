//! Tests of the whole: a flow through the facade alone, and the programs of the book.

mod book;
mod file;
