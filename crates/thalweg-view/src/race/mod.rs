//! The optimizers as integrators, racing down a landscape.

mod landscape;
mod method;
mod run;

pub(crate) use landscape::{AboutLandscape, Landscape};
pub(crate) use method::{AboutMethod, methods};
pub(crate) use run::{relief, run};
