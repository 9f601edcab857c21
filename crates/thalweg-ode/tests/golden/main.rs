//! The numbers of other programs, to 1e-12. `README.md` says where the files come from.

mod file;
mod mlp;
mod network;
mod quadratic;
