//! Tests by picture.

#![allow(clippy::unwrap_used)]

mod cell_map;
mod corner;
mod curve;
mod grid;
mod heatmap;
mod histogram;
mod page;
mod quantile_bands;
mod save;
mod tiles;
