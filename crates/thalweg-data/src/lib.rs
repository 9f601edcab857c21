//! Small data sets, toy densities, IDX, CSV and image folders, batches by seed.
//!
//! | what | where |
//! |---|---|
//! | sets inside the crate, no download | [`digits`], [`fashion_mnist`], [`noto_people`], [`nyc_weather`], [`penguins`] |
//! | images from files | [`Images::from_idx`], [`Images::mnist`], [`Images::from_folder`] |
//! | rows of numbers from files | [`Table::from_csv`], other dialects by [`CsvOptions`] |
//! | rows in standard units, and the way back | [`Table::standardize`], [`Standardization`] |
//! | two-dimensional densities, known exactly | [`Toy`] |
//! | training, validation and test rows | [`Split`], [`Parts`] |
//! | shuffled batches, and such that grow | [`Batches`], [`Growing`] |
//!
//! Every random choice comes from a seed given by the caller, drawn on the host: the same seed
//! gives the same rows on every backend.
//!
//! ```
//! use burn::tensor::Device;
//! use thalweg_data::{Batches, Split, digits};
//!
//! let device = Device::default();
//! let digits = digits();
//! let split = Split::modulo(digits.count());
//! let train = digits.select(&split.train).to_tensor(&device);
//!
//! let batches = Batches::new(train, 128, 0);
//! for batch in batches.epoch(0) {
//!     assert_eq!(batch.dims()[1], 64);
//! }
//! ```

mod batches;
mod embedded;
mod error;
mod growing;
mod images;
mod parts;
mod read;
mod rng;
mod rows;
mod split;
mod table;
mod toy;

pub use batches::{Batches, Epoch};
pub use embedded::{digits, fashion_mnist, noto_people, nyc_weather, penguins};
pub use error::DataError;
pub use growing::Growing;
pub use images::{Images, Resize};
pub use parts::Parts;
pub use rows::Rows;
pub use split::Split;
pub use table::{Columns, CsvOptions, Encoding, Standardization, Table};
pub use toy::Toy;
