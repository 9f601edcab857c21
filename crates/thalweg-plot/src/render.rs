//! Drawing with the compiled-in font on oversampled pixels.

use std::fmt::Display;
use std::sync::OnceLock;

use image::{RgbImage, imageops};
use plotters::coord::Shift;
use plotters::prelude::{
    BitMapBackend, DrawingArea, IntoDrawingArea, IntoTextStyle, RGBColor, TextStyle, WHITE,
};
use plotters::style::{FontStyle, register_font};

use crate::PlotError;
use crate::save::check_side;

/// The factor by which pictures are drawn larger and then averaged, which smooths lines and letters.
const OVERSAMPLING: u32 = 2;

/// The name of the compiled-in font in the drawing library, and of the font in SVG files.
const FONT: &str = "DejaVu Sans, sans-serif";

pub(crate) const INK: RGBColor = RGBColor(40, 40, 40);

/// The drawing area of raster pictures.
pub(crate) type Canvas<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

pub(crate) fn draw_error(reason: impl Display) -> PlotError {
    PlotError::Draw(reason.to_string())
}

pub(crate) fn load_font() -> Result<(), PlotError> {
    static LOADED: OnceLock<bool> = OnceLock::new();
    let load = || register_font(FONT, FontStyle::Normal, dejavu::sans::regular()).is_ok();
    match LOADED.get_or_init(load) {
        true => Ok(()),
        false => Err(draw_error("the compiled-in font cannot be read")),
    }
}

pub(crate) fn text(size: u32) -> TextStyle<'static> {
    (FONT, size).with_color(INK).into_text_style(&(0, 0))
}

/// Draws on white. The second argument of `draw` is the number of its pixels for each pixel of the
/// picture, along a side.
pub(crate) fn raster<F>(width: u32, height: u32, draw: F) -> Result<RgbImage, PlotError>
where
    F: FnOnce(&Canvas<'_>, u32) -> Result<(), PlotError>,
{
    load_font()?;
    check_side(width as usize, height as usize)?;
    let size = (width * OVERSAMPLING, height * OVERSAMPLING);
    let mut large = RgbImage::new(size.0, size.1);
    {
        let root = BitMapBackend::with_buffer(&mut large, size).into_drawing_area();
        root.fill(&WHITE).map_err(draw_error)?;
        draw(&root, OVERSAMPLING)?;
        root.present().map_err(draw_error)?;
    }
    Ok(imageops::thumbnail(&large, width, height))
}
