//! Ways through the space of latents: between two, among four, along an attribute; and the
//! square of all of them where they are two.
//!
//! All work on rows, `[batch, numbers]`; those of several scales are
//! [`flatten`](crate::Latents::flatten)ed first and [`restore`](crate::Latents::restore)d after.

mod attribute;
mod path;
mod quantile;

pub use attribute::attribute_vector;
pub use path::Path;
pub use quantile::{normal_quantile, quantile_grid};
