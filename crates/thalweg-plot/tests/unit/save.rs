//! Files appear whole or not at all.

use thalweg_plot::{CurveChart, HeatMap, Panel, PlotError, Region, SampleGrid};

#[test]
fn a_png_holds_the_picture_and_folders_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/grid.PNG");
    let grid = SampleGrid::new(2, 2, 3);
    let pixels = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 0.0, 0.05];
    grid.save(&pixels, &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let read = image::load_from_memory(&bytes).unwrap().to_rgb8();
    assert_eq!(read, grid.to_image(&pixels).unwrap());
    let names: Vec<_> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|f| f.unwrap().file_name())
        .collect();
    assert_eq!(names, ["grid.PNG"], "no temporary file stays");
}

#[test]
fn every_picture_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    SampleGrid::paths(1, 1, 1, 2)
        .save(&[0.0, 1.0], place("strip.png"))
        .unwrap();
    let chart = CurveChart::new("x", "y")
        .series("", [(0.0, 1.0), (1.0, 2.0)])
        .size(480, 320);
    chart.save(place("curve.png")).unwrap();
    chart.save(place("curve.svg")).unwrap();
    let region = Region::square(1.0);
    HeatMap::new(region)
        .side(100)
        .panel(Panel::from_fn("", region, 3, |x, _| x))
        .save(place("map.png"))
        .unwrap();
    for name in ["strip.png", "curve.png", "map.png"] {
        assert!(
            std::fs::read(place(name)).unwrap().starts_with(b"\x89PNG"),
            "{name}"
        );
    }
    assert!(
        std::fs::read_to_string(place("curve.svg"))
            .unwrap()
            .trim_end()
            .ends_with("</svg>")
    );
}

#[test]
fn a_path_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let path = file.join("grid.png");
    let error = SampleGrid::new(1, 1, 1).save(&[0.0], &path).unwrap_err();
    assert!(
        matches!(&error, PlotError::Write { path: named, .. } if *named == path),
        "{error}"
    );
    assert!(
        error.to_string().contains(&path.display().to_string()),
        "{error}"
    );
}

#[test]
fn other_endings_are_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let chart = CurveChart::new("x", "y").series("", [(0.0, 1.0), (1.0, 2.0)]);
    for name in ["curve.jpg", "curve"] {
        let error = chart.save(folder.path().join(name)).unwrap_err();
        assert!(
            matches!(
                error,
                PlotError::Extension {
                    allowed: ".png or .svg",
                    ..
                }
            ),
            "{error}"
        );
    }
    assert!(matches!(
        SampleGrid::new(1, 1, 1).save(&[0.0], folder.path().join("grid.svg")),
        Err(PlotError::Extension { .. })
    ));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_picture_that_fails_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grid.png");
    std::fs::write(&path, "old").unwrap();
    assert!(SampleGrid::new(2, 2, 1).save(&[0.0; 3], &path).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
}
