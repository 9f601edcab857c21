//! Drawing with the compiled-in font on oversampled pixels.

use std::fmt::Display;
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;

use flate2::read::DeflateDecoder;
use image::{RgbImage, imageops};
use plotters::coord::Shift;
use plotters::element::PathElement;
use plotters::prelude::{
    BitMapBackend, DrawingArea, DrawingBackend, IntoDrawingArea, IntoTextStyle, RGBColor,
    SVGBackend, ShapeStyle, TextStyle, WHITE,
};
use plotters::style::{FontStyle, register_font};

use crate::PlotError;
use crate::save::{check_side, extension, save_bytes, save_png};

/// The factor by which pictures are drawn larger and then averaged, which smooths lines and letters.
const OVERSAMPLING: u32 = 2;

/// The name of the compiled-in font in the drawing library, and of the font in SVG files.
const FONT: &str = "DejaVu Sans, sans-serif";

/// Half as large as the font, which the build script compressed.
const COMPRESSED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/font.deflate"));

pub(crate) const INK: RGBColor = RGBColor(40, 40, 40);

/// The drawing area of raster pictures.
pub(crate) type Canvas<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

pub(crate) fn draw_error(reason: impl Display) -> PlotError {
    PlotError::Draw(reason.to_string())
}

pub(crate) fn load_font() -> Result<(), PlotError> {
    static LOADED: OnceLock<bool> = OnceLock::new();
    let load = || {
        let mut font = Vec::new();
        let read = DeflateDecoder::new(COMPRESSED).read_to_end(&mut font);
        // The drawing library keeps fonts for as long as the program runs.
        read.is_ok() && register_font(FONT, FontStyle::Normal, font.leak()).is_ok()
    };
    match LOADED.get_or_init(load) {
        true => Ok(()),
        false => Err(draw_error("the compiled-in font cannot be read")),
    }
}

pub(crate) fn text(size: u32) -> TextStyle<'static> {
    (FONT, size).with_color(INK).into_text_style(&(0, 0))
}

/// The outline of a rectangle between two opposite corners. In SVG files the drawing library's own rectangles have lines of
/// one unit, whatever their style says.
pub(crate) fn outline<X: Copy, Y: Copy>(
    [(left, top), (right, bottom)]: [(X, Y); 2],
    style: ShapeStyle,
) -> PathElement<(X, Y)> {
    let corners = [
        (left, top),
        (right, top),
        (right, bottom),
        (left, bottom),
        (left, top),
    ];
    PathElement::new(corners, style)
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

/// The factor by which SVG pictures are drawn larger and then shown smaller: the drawing library rounds places to whole
/// units, which bends lines.
const UNITS: u32 = 8;

/// What can be drawn with pixels and with lines.
pub(crate) trait Draw {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);

    /// Draws on `root`, which has `zoom` pixels for each pixel of the picture. It may have another size than
    /// [`size`](Self::size), where it is a part of a page.
    fn draw<B: DrawingBackend>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<(), PlotError>;
}

/// The text of an SVG file.
pub(crate) fn vector(picture: &impl Draw) -> Result<String, PlotError> {
    load_font()?;
    let (width, height) = picture.size();
    check_side(width as usize, height as usize)?;
    let large = (width * UNITS, height * UNITS);
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, large).into_drawing_area();
        root.fill(&WHITE).map_err(draw_error)?;
        picture.draw(&root, UNITS)?;
        root.present().map_err(draw_error)?;
    }
    // The view box keeps the larger units.
    let sides = |(width, height): (u32, u32)| format!("<svg width=\"{width}\" height=\"{height}\"");
    Ok(text.replacen(&sides(large), &sides((width, height)), 1))
}

/// Writes the picture as PNG or SVG by the ending of the path.
pub(crate) fn write(picture: &impl Draw, path: &Path) -> Result<(), PlotError> {
    match extension(path).as_str() {
        "png" => {
            let (width, height) = picture.size();
            save_png(
                &raster(width, height, |root, zoom| picture.draw(root, zoom))?,
                path,
            )
        }
        "svg" => save_bytes(vector(picture)?.as_bytes(), path),
        _ => Err(PlotError::Extension {
            path: path.to_owned(),
            allowed: ".png or .svg",
        }),
    }
}

/// The methods of a type that implements [`Draw`]. `$errors` ends the sentence that begins with the error's name.
macro_rules! picture {
    ($name:ty, $errors:literal) => {
        impl $name {
            /// Draws the picture.
            ///
            /// See [`CurveChart`](crate::CurveChart) for an example.
            ///
            /// # Errors
            #[doc = concat!("[`PlotError`](crate::PlotError) ", $errors, ".")]
            pub fn to_image(&self) -> Result<crate::RgbImage, crate::PlotError> {
                let (width, height) = crate::render::Draw::size(self);
                crate::render::raster(width, height, |root, zoom| {
                    crate::render::Draw::draw(self, root, zoom)
                })
            }

            /// Draws the picture as the text of an SVG file.
            ///
            /// See [`CurveChart`](crate::CurveChart) for an example.
            ///
            /// # Errors
            /// Those of [`to_image`](Self::to_image).
            pub fn to_svg(&self) -> Result<String, crate::PlotError> {
                crate::render::vector(self)
            }

            /// Draws the picture and writes it whole or not at all, as PNG or SVG by the ending of the path.
            ///
            /// See [`CurveChart`](crate::CurveChart) for an example.
            ///
            /// # Errors
            /// Those of [`to_image`](Self::to_image), and if the path has another ending or cannot be written.
            pub fn save(&self, path: impl AsRef<std::path::Path>) -> Result<(), crate::PlotError> {
                crate::render::write(self, path.as_ref())
            }
        }
    };
}
pub(crate) use picture;
