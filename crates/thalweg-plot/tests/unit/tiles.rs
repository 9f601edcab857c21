use thalweg_plot::{Page, PlotError, SampleGrid, Tiles};

/// A red pixel and a blue one beside each other.
fn pair() -> Tiles {
    Tiles::new(SampleGrid::new(1, 2, 3), vec![1.0, 0.0, 0.0, 0.0, 0.0, 1.0])
}

#[test]
fn pixels_are_as_large_as_fits() {
    let page = Page::new("").width(480).row(232, [pair()]);
    let picture = page.to_image().unwrap();
    // Two squares of 200: larger ones would be higher than 232 − 32.
    for (colour, columns) in [([255, 0, 0], 40..240), ([0, 0, 255], 240..440)] {
        let same = picture
            .enumerate_pixels()
            .filter(|(.., pixel)| pixel.0 == colour);
        let places: Vec<(u32, u32)> = same.map(|(x, y, _)| (x, y)).collect();
        assert_eq!(places.len(), 200 * 200);
        let inside = |(x, y): &(u32, u32)| columns.contains(x) && (32..232).contains(y);
        assert!(places.iter().all(inside));
    }
    let svg = page.to_svg().unwrap();
    assert!(svg.contains("#FF0000") && svg.contains("#0000FF"), "{svg}");
}

#[test]
fn samples_without_room_are_errors() {
    let wide = Tiles::new(SampleGrid::new(1, 3000, 1), vec![0.5; 3000]);
    let error = Page::new("").row(300, [wide]).to_image().unwrap_err();
    assert!(matches!(error, PlotError::TooSmall { .. }), "{error}");
    let none = Tiles::new(SampleGrid::new(8, 8, 1), vec![]);
    let error = none.to_image().unwrap_err();
    assert!(error.to_string().contains("no samples"), "{error}");
}
