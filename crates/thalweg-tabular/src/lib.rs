//! Densities of tables as they come.

mod columns;
mod density;
mod error;
mod fit;
mod fitted;
mod member;
mod parts;
mod rows;
mod schema;
mod split;

pub use columns::{Cycle, Kind, Support};
pub use density::Density;
pub use error::{DensityError, RowError};
pub use fitted::FittedDensity;
pub use parts::{Family, Network};
pub use schema::{Known, Missing, Role};
