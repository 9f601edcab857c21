use image::{Rgb, RgbImage};
use thalweg_plot::{Page, PlotError, Tiles};

/// Two pixels beside each other.
fn pair() -> RgbImage {
    RgbImage::from_fn(2, 1, |x, _| {
        if x == 0 {
            Rgb([255, 0, 0])
        } else {
            Rgb([0, 0, 255])
        }
    })
}

#[test]
fn pixels_are_as_large_as_fits() {
    let page = Page::new("").width(480).row(232, [Tiles::new(pair())]);
    let picture = page.to_image().unwrap();
    // Two squares of 200 would be higher than 232 − 32; the picture is drawn at twice the size.
    for (colour, columns) in [([255, 0, 0], 40..240), ([0, 0, 255], 240..440)] {
        let same = picture
            .enumerate_pixels()
            .filter(|(.., pixel)| pixel.0 == colour);
        let places: Vec<(u32, u32)> = same.map(|(x, y, _)| (x, y)).collect();
        assert_eq!(places.len(), 200 * 200);
        assert!(
            places
                .iter()
                .all(|(x, y)| columns.contains(x) && (32..232).contains(y))
        );
    }
    let svg = page.to_svg().unwrap();
    assert!(svg.contains("#FF0000") && svg.contains("#0000FF"), "{svg}");
}

#[test]
fn pictures_without_room_are_errors() {
    let wide = Tiles::new(RgbImage::new(3000, 1));
    let error = Page::new("").row(300, [wide]).to_image().unwrap_err();
    assert!(matches!(error, PlotError::TooSmall { .. }), "{error}");
    let none = Tiles::new(RgbImage::new(0, 0));
    let error = none.to_image().unwrap_err();
    assert!(error.to_string().contains("no pixel"), "{error}");
}
