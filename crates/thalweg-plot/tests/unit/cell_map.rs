//! Values over the plane as cells.

use image::Rgb;
use thalweg_plot::{CellMap, Page, PlotError, Region};

const DARK: Rgb<u8> = Rgb([68, 1, 84]);
const LIGHT: Rgb<u8> = Rgb([253, 231, 37]);
const LOUD: Rgb<u8> = Rgb([255, 0, 255]);

/// Whether the cells of a colour lie on the right, and above, on average.
fn place(values: [f64; 4], colour: Rgb<u8>) -> [bool; 2] {
    let map = CellMap::new(Region::square(1.0), 2, values);
    let picture = map.to_image().unwrap();
    let pixels = picture.enumerate_pixels();
    let places = pixels.filter(|(.., found)| **found == colour);
    let places: Vec<[u32; 2]> = places.map(|(x, y, _)| [x, y]).collect();
    let mean = |axis: usize| {
        let sum: u32 = places.iter().map(|place| place[axis]).sum();
        sum / places.len() as u32
    };
    [mean(0) > 340, mean(1) < 250]
}

#[test]
fn the_first_row_is_below_and_the_largest_value_is_light() {
    let values = [0.0, 0.5, 0.5, 1.0];
    assert_eq!(place(values, DARK), [false, false]);
    assert_eq!(place(values, LIGHT), [true, true]);
}

#[test]
fn no_number_is_loud() {
    assert_eq!(place([0.0, f64::NAN, 1.0, 1.0], LOUD), [true, false]);
}

#[test]
fn cells_of_one_colour_are_one_rectangle() {
    let map = |values: [f64; 6]| CellMap::new(Region::square(1.0), 3, values);
    let rectangles = |svg: String| svg.matches("<rect").count();
    let page = |map: CellMap| Page::new("").row(300, [map]).to_svg().unwrap();
    let plain = rectangles(page(map([1.0; 6])));
    let mixed = rectangles(page(map([1.0, 2.0, 3.0, 1.0, 2.0, 3.0])));
    assert_eq!(mixed - plain, 4);
}

#[test]
fn rows_are_whole() {
    let error = CellMap::new(Region::square(1.0), 3, [0.0; 4])
        .to_image()
        .unwrap_err();
    assert!(matches!(error, PlotError::Shape { got: 4, .. }), "{error}");
    let none: [f64; 0] = [];
    let error = CellMap::new(Region::square(1.0), 3, none)
        .to_image()
        .unwrap_err();
    assert!(matches!(error, PlotError::Empty(_)), "{error}");
}
