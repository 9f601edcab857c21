#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | picture | type | files |
//! |---|---|---|
//! | samples as tiles | [`SampleGrid`] | PNG |
//! | paths between samples | [`SampleGrid::paths`] | PNG |
//! | losses over steps | [`CurveChart`] | PNG, SVG |
//! | receiver operating characteristics | [`CurveChart::roc`] | PNG, SVG |
//! | expected coverage over levels | [`CurveChart::coverage`] | PNG, SVG |
//! | scores, p-values, calibration | [`Histogram`] | PNG, SVG |
//! | a conditional distribution over its condition | [`QuantileBands`] | PNG, SVG |
//! | data and samples of a table, column by column | [`CornerPlot`] | PNG, SVG |
//! | a density over the plane, in a report | [`CellMap`] | PNG, SVG |
//! | samples as tiles, in a report | [`Tiles`] | PNG, SVG |
//! | several of the last eight, a report | [`Page`] | PNG, SVG |
//! | a report as a picture, text or JSON | [`save_report`] | PNG, SVG, TXT, JSON |
//! | densities over the plane, side by side | [`HeatMap`] of [`Panel`]s | PNG |
//! | points in motion as an animation strip | the same, a panel a time | PNG |
//! | vector fields as arrows | [`Panel::arrows`] | PNG |

mod axis;
mod bins;
mod cell_map;
mod colour;
mod corner;
mod curve;
mod error;
mod frame;
mod grid;
mod heatmap;
mod histogram;
mod legend;
mod page;
mod quantile_bands;
mod render;
mod save;
mod tick;
mod tiles;

pub use cell_map::CellMap;
pub use corner::CornerPlot;
pub use curve::CurveChart;
pub use error::PlotError;
pub use grid::SampleGrid;
pub use heatmap::{HeatMap, Panel, Region};
pub use histogram::Histogram;
pub use image::RgbImage;
pub use page::{Figure, Page};
pub use quantile_bands::QuantileBands;
pub use save::{ReportFormat, save_report};
pub use tiles::Tiles;
