//! The orientation and the colours of heat maps, and their errors.

use image::{Rgb, RgbImage};
use thalweg_plot::{HeatMap, Panel, PlotError, Region};

const LOWEST: Rgb<u8> = Rgb([68, 1, 84]);
const HIGHEST: Rgb<u8> = Rgb([253, 231, 37]);
const MAGENTA: Rgb<u8> = Rgb([255, 0, 255]);
const REGION: Region = Region {
    x: [0.0, 1.0],
    y: [0.0, 1.0],
};

/// The middle of all pixels of a colour left of the colour bar of a picture with one panel 100 pixels wide.
fn middle(picture: &RgbImage, colour: Rgb<u8>) -> (f64, f64) {
    let found: Vec<(u32, u32)> = picture
        .enumerate_pixels()
        .filter(|(x, _, c)| *x < 180 && **c == colour)
        .map(|(x, y, _)| (x, y))
        .collect();
    assert!(!found.is_empty(), "no pixel is {colour:?}");
    let count = found.len() as f64;
    (
        found.iter().map(|p| f64::from(p.0)).sum::<f64>() / count,
        found.iter().map(|p| f64::from(p.1)).sum::<f64>() / count,
    )
}

fn draw(values: [f64; 4]) -> RgbImage {
    HeatMap::new(REGION)
        .side(100)
        .panel(Panel::from_values("", 2, 2, values))
        .to_image()
        .unwrap()
}

#[test]
fn y_points_up_and_x_to_the_right() {
    let picture = draw([0.0, 0.5, 0.5, 1.0]);
    let (low, high) = (middle(&picture, LOWEST), middle(&picture, HIGHEST));
    assert!((high.0 - low.0 - 50.0).abs() < 2.0, "{low:?} {high:?}");
    assert!((low.1 - high.1 - 50.0).abs() < 2.0, "{low:?} {high:?}");
}

#[test]
fn values_lie_at_the_centres_in_their_order() {
    let region = Region {
        x: [0.0, 2.0],
        y: [-1.0, 1.0],
    };
    assert_eq!(
        region.centres(2, 2),
        [[0.5, -0.5], [1.5, -0.5], [0.5, 0.5], [1.5, 0.5]]
    );
    let by_fn = HeatMap::new(region)
        .side(100)
        .panel(Panel::from_fn("", region, 2, |x, y| x + 10.0 * y));
    let by_values = HeatMap::new(region).side(100).panel(Panel::from_values(
        "",
        2,
        2,
        [-4.5_f32, -3.5, 5.5, 6.5],
    ));
    assert_eq!(by_fn.to_image().unwrap(), by_values.to_image().unwrap());
}

#[test]
fn a_value_that_is_not_a_number_is_magenta() {
    let picture = draw([0.0, 1.0, f64::NAN, f64::NEG_INFINITY]);
    let lost = middle(&picture, MAGENTA);
    let high = middle(&picture, HIGHEST);
    assert!(
        lost.0 < high.0 && lost.1 < high.1,
        "the upper left cell: {lost:?} {high:?}"
    );
    // Lower left and upper right have the lowest colour, so their middle is the middle of the map.
    let low = middle(&picture, LOWEST);
    assert!((low.0 - (lost.0 + high.0) / 2.0).abs() < 2.0, "{low:?}");
    assert!(
        draw([0.0, 1.0, 0.5, f64::INFINITY])
            .pixels()
            .any(|c| *c == MAGENTA)
    );
}

#[test]
fn panels_share_a_scale() {
    let flat = |value: f64| Panel::from_values("", 1, 1, [value]);
    let picture = HeatMap::new(REGION)
        .side(100)
        .panel(flat(0.0))
        .panel(flat(1.0))
        .to_image()
        .unwrap();
    let row = picture.height() / 3;
    assert_eq!(*picture.get_pixel(120, row), LOWEST);
    assert_eq!(*picture.get_pixel(250, row), HIGHEST);
}

#[test]
fn the_range_sets_the_scale() {
    let map = HeatMap::new(REGION)
        .side(100)
        .range(-1.0, 0.0)
        .panel(Panel::from_values("", 1, 1, [7.0]));
    let picture = map.to_image().unwrap();
    assert_eq!(*picture.get_pixel(120, picture.height() / 3), HIGHEST);
}

#[test]
fn points_are_where_they_should_be() {
    let outside = [[f64::NAN, 0.5], [3.0, 0.5], [0.5, -9.0]];
    let with = |points: Vec<[f64; 2]>| {
        HeatMap::new(REGION)
            .side(100)
            .panel(Panel::from_points("", points))
            .to_image()
            .unwrap()
    };
    let empty = with(Vec::new());
    assert_eq!(with(outside.to_vec()), empty);
    let dotted = with(vec![[0.25, 0.9]]);
    let changed: Vec<(u32, u32)> = dotted
        .enumerate_pixels()
        .filter(|(x, y, c)| *c != empty.get_pixel(*x, *y))
        .map(|(x, y, _)| (x, y))
        .collect();
    let (x, y) = changed[changed.len() / 2];
    assert!(
        (74 + 23..74 + 28).contains(&x) && (16 + 7..16 + 13).contains(&y),
        "{changed:?}"
    );
}

/// The smallest and the largest x and y of the pixels in which two pictures differ.
fn changed(one: &RgbImage, other: &RgbImage) -> [u32; 4] {
    let pixels = one.enumerate_pixels();
    let found: Vec<(u32, u32)> = pixels
        .filter(|(x, y, colour)| *colour != other.get_pixel(*x, *y))
        .map(|(x, y, _)| (x, y))
        .collect();
    assert!(!found.is_empty(), "the pictures are equal");
    let (x, y) = (|| found.iter().map(|p| p.0), || found.iter().map(|p| p.1));
    [
        x().min().unwrap(),
        x().max().unwrap(),
        y().min().unwrap(),
        y().max().unwrap(),
    ]
}

/// A picture with one map of `vectors`, 2 × 2, whose left upper corner is at (74, 16).
fn field(vectors: [[f64; 2]; 4]) -> RgbImage {
    let panel = Panel::from_points("", [[0.0; 2]; 0]).arrows(2, 2, vectors);
    let map = HeatMap::new(REGION).side(100).panel(panel);
    map.to_image().unwrap()
}

const STILL: [f64; 2] = [0.0; 2];

#[test]
fn an_arrow_lies_about_its_centre_and_points_along_its_vector() {
    let still = field([STILL; 4]);
    // The longest arrow takes 0.95 of a cell of 50 pixels.
    let right = changed(&field([STILL, [7.0, 0.0], STILL, STILL]), &still);
    assert!(right[0].abs_diff(74 + 75 - 24) <= 2, "{right:?}");
    assert!(right[1].abs_diff(74 + 75 + 24) <= 2, "{right:?}");
    assert!(
        right[2] >= 16 + 75 - 4 && right[3] <= 16 + 75 + 4,
        "{right:?}"
    );
    // The head is where the arrow is high.
    let picture = field([STILL, [7.0, 0.0], STILL, STILL]);
    let height = |x: u32| {
        let dark = |y: &u32| picture.get_pixel(x, *y).0[0] < 200;
        (16 + 60..16 + 90).filter(dark).count()
    };
    assert!(height(right[1] - 5) > height(right[0] + 5));

    let up = changed(&field([STILL, STILL, [0.0, 3.0], STILL]), &still);
    assert!(up[2].abs_diff(16 + 25 - 24) <= 2, "{up:?}");
    assert!(up[0] >= 74 + 25 - 4 && up[1] <= 74 + 25 + 4, "{up:?}");
}

#[test]
fn arrows_of_all_panels_share_a_scale() {
    let still = |count: usize| vec![STILL; count];
    let panel =
        |vectors: Vec<[f64; 2]>| Panel::from_points("", [[0.0; 2]; 0]).arrows(1, 1, vectors);
    let draw = |first: Vec<[f64; 2]>, second: Vec<[f64; 2]>| {
        let map = HeatMap::new(REGION).side(100).panel(panel(first));
        map.panel(panel(second)).to_image().unwrap()
    };
    let none = draw(still(1), still(1));
    let [left, right, ..] = changed(&draw(still(1), vec![[2.0, 0.0]]), &none);
    assert!((right - left).abs_diff(95) <= 3, "{left} {right}");
    let both = draw(vec![[1.0, 0.0]], vec![[2.0, 0.0]]);
    let [left, right, ..] = changed(&both, &draw(still(1), vec![[2.0, 0.0]]));
    assert!((right - left).abs_diff(48) <= 3, "{left} {right}");
}

#[test]
fn a_vector_that_is_not_finite_is_magenta() {
    let picture = field([STILL, [f64::NAN, 1.0], STILL, [1.0, 0.0]]);
    let lost: Vec<(u32, u32)> = picture
        .enumerate_pixels()
        .filter(|(_, _, colour)| **colour == MAGENTA)
        .map(|(x, y, _)| (x, y))
        .collect();
    assert!(!lost.is_empty());
    assert!(lost.iter().all(|(x, y)| *x > 74 + 50 && *y > 16 + 50));
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let map = HeatMap::new(REGION);
    assert!(matches!(map.to_image(), Err(PlotError::Empty { .. })));
    let error = map
        .clone()
        .panel(Panel::from_values("learned", 2, 3, [0.0; 5]))
        .to_image()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected 2 × 3 values in the panel \"learned\", got 5 values; check the shape given to the picture"
    );
    let few = Panel::from_points("", [[0.0; 2]; 0]).arrows(2, 3, [STILL; 5]);
    let error = map.clone().panel(few).to_image().unwrap_err();
    assert!(matches!(error, PlotError::Shape { got: 5, .. }), "{error}");
    let lost = map.clone().panel(Panel::from_values("", 1, 1, [f64::NAN]));
    assert!(matches!(lost.to_image(), Err(PlotError::Empty { .. })));
    let none = map.clone().panel(Panel::from_values("", 0, 1, [0.0; 0]));
    assert!(matches!(none.to_image(), Err(PlotError::Zero { .. })));
    let turned = HeatMap::new(Region {
        x: [1.0, 0.0],
        y: [0.0, 1.0],
    })
    .panel(Panel::from_points("", [[0.5, 0.5]]));
    assert!(matches!(
        turned.to_image(),
        Err(PlotError::Range {
            what: "the region's x",
            ..
        })
    ));
    let point = Panel::from_points("", [[0.5, 0.5]]);
    assert!(matches!(
        map.side(u32::MAX).panel(point).to_image(),
        Err(PlotError::TooLarge { .. })
    ));
}
