//! The places of pixels in grids of samples, and their errors.

use image::Rgb;
use thalweg_plot::{PlotError, SampleGrid};

const MAGENTA: Rgb<u8> = Rgb([255, 0, 255]);

#[test]
fn a_pixel_lands_in_its_tile() {
    let (height, width, samples) = (2, 3, 5);
    let mut pixels = vec![0.0; samples * height * width];
    // Sample 4, row 1, column 2: with 3 tiles a row, tile (1, 1).
    pixels[4 * 6 + 3 + 2] = 1.0;
    let picture = SampleGrid::new(height, width, 1)
        .columns(3)
        .scale(4)
        .to_image(&pixels)
        .unwrap();
    assert_eq!(picture.dimensions(), (3 * 12 + 2, 2 * 8 + 1));
    let (left, top) = (13 + 2 * 4, 9 + 4);
    for (x, y, colour) in picture.enumerate_pixels() {
        let inside = (left..left + 4).contains(&x) && (top..top + 4).contains(&y);
        assert_eq!(*colour == Rgb([255; 3]), inside, "({x}, {y})");
    }
}

#[test]
fn channels_come_first() {
    let picture = SampleGrid::new(1, 2, 3)
        .scale(1)
        .to_image(&[1.0, 0.0, 0.2, 0.4, 0.0, 1.0])
        .unwrap();
    assert_eq!(*picture.get_pixel(0, 0), Rgb([255, 51, 0]));
    assert_eq!(*picture.get_pixel(1, 0), Rgb([0, 102, 255]));
}

#[test]
fn values_are_clipped_and_others_are_magenta() {
    let values = [-3.0, 7.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
    let picture = SampleGrid::new(1, 5, 1).scale(1).to_image(&values).unwrap();
    let row: Vec<Rgb<u8>> = picture.pixels().copied().collect();
    assert_eq!(row, [Rgb([0; 3]), Rgb([255; 3]), MAGENTA, MAGENTA, MAGENTA]);
    let picture = SampleGrid::new(1, 1, 3)
        .scale(1)
        .to_image(&[0.5, f32::NAN, 0.5])
        .unwrap();
    assert_eq!(*picture.get_pixel(0, 0), MAGENTA);
}

#[test]
fn tiles_touch_without_a_separator() {
    let grid = SampleGrid::new(1, 1, 1).columns(2).scale(1);
    let pixels = [1.0; 4];
    assert_eq!(
        grid.clone()
            .separator(false)
            .to_image(&pixels)
            .unwrap()
            .dimensions(),
        (2, 2)
    );
    let parted = grid.to_image(&pixels).unwrap();
    assert_eq!(parted.dimensions(), (3, 3));
    assert_eq!(*parted.get_pixel(1, 0), Rgb([96; 3]));
}

#[test]
fn a_tile_is_at_least_32_pixels_unless_told() {
    for (side, expected) in [(8, 32), (28, 56), (32, 32), (64, 64)] {
        let picture = SampleGrid::new(side, side, 1)
            .to_image(&vec![0.0; side * side])
            .unwrap();
        assert_eq!(picture.dimensions(), (expected, expected));
    }
}

#[test]
fn a_strip_has_a_row_a_path() {
    let mut pixels = vec![0.0; 2 * 3 * 4];
    pixels[3 * 4] = 1.0;
    let strip = SampleGrid::paths(2, 2, 1, 3).scale(1);
    let picture = strip.to_image(&pixels).unwrap();
    assert_eq!(picture.dimensions(), (8, 5));
    assert_eq!(*picture.get_pixel(0, 3), Rgb([255; 3]));
    assert!(matches!(
        strip.to_image(&pixels[..16]),
        Err(PlotError::Shape { got: 16, .. })
    ));
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let grid = SampleGrid::new(2, 2, 1);
    let error = grid.to_image(&[0.0; 7]).unwrap_err();
    assert!(
        matches!(&error, PlotError::Shape { got: 7, expected } if expected.starts_with("a multiple of 4")),
        "{error}"
    );
    assert!(matches!(grid.to_image(&[]), Err(PlotError::Empty { .. })));
    assert!(matches!(
        SampleGrid::new(2, 2, 2).to_image(&[0.0; 8]),
        Err(PlotError::Channels { got: 2 })
    ));
    assert!(matches!(
        SampleGrid::new(0, 2, 1).to_image(&[0.0; 8]),
        Err(PlotError::Zero { what: "height" })
    ));
    assert!(matches!(
        grid.clone().columns(0).to_image(&[0.0; 8]),
        Err(PlotError::Zero { what: "columns" })
    ));
    assert!(matches!(
        grid.clone().scale(0).to_image(&[0.0; 8]),
        Err(PlotError::Zero { what: "scale" })
    ));
    assert!(matches!(
        SampleGrid::paths(2, 2, 1, 0).to_image(&[0.0; 8]),
        Err(PlotError::Zero { .. })
    ));
    for huge in [grid.clone().scale(usize::MAX), grid.columns(usize::MAX)] {
        assert!(matches!(
            huge.to_image(&[0.0; 8]),
            Err(PlotError::TooLarge { .. })
        ));
    }
}
