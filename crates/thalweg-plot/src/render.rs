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

/// Pictures are drawn this many times larger and averaged down, which smooths lines and letters.
const OVERSAMPLING: u32 = 2;

// Both the name the compiled-in font is found under and what an SVG asks of its viewer.
const FONT: &str = "DejaVu Sans, sans-serif";

const INK: RGBColor = RGBColor(40, 40, 40);

/// What raster pictures are drawn on.
pub(crate) type Canvas<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

pub(crate) fn draw_error(reason: impl Display) -> PlotError {
    PlotError::Draw {
        reason: reason.to_string(),
    }
}

pub(crate) fn load_font() -> Result<(), PlotError> {
    static LOADED: OnceLock<bool> = OnceLock::new();
    match LOADED
        .get_or_init(|| register_font(FONT, FontStyle::Normal, dejavu::sans::regular()).is_ok())
    {
        true => Ok(()),
        false => Err(draw_error("the compiled-in font cannot be read")),
    }
}

pub(crate) fn text(size: u32) -> TextStyle<'static> {
    (FONT, size).with_color(INK).into_text_style(&(0, 0))
}

pub(crate) fn ink() -> RGBColor {
    INK
}

/// Draws in pixels multiplied by the second argument of `draw`, on white.
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
