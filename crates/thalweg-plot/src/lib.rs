//! Pictures of what a flow learned: sample grids, curves, density maps.
//!
//! | picture | type | files |
//! |---|---|---|
//! | samples as tiles | [`SampleGrid`] | PNG |
//! | paths between samples | [`InterpolationStrip`] | PNG |
//! | losses over steps | [`CurveChart`] | PNG, SVG |
//! | densities over the plane, side by side | [`HeatMap`] of [`Panel`]s | PNG |
//!
//! Everything takes plain slices, so no tensor library is needed. A picture is written whole or not at all,
//! missing parent folders are created, and labels use a compiled-in font.
//! A value that is not a number is drawn in magenta, or as a gap in a curve, so that it is seen.

mod colour;
mod curve;
mod error;
mod grid;
mod heatmap;
mod render;
mod save;
mod strip;
mod tick;

pub use curve::CurveChart;
pub use error::PlotError;
pub use grid::SampleGrid;
pub use heatmap::{HeatMap, Panel, Region};
pub use image::RgbImage;
pub use strip::InterpolationStrip;
