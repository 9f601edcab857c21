//! A density of images.

use serde_json::json;
use thalweg::data::digits;
use thalweg::images::AnyImages;
use thalweg::models::{ImageSize, RealNvpConfig};
use thalweg_view::Subject;

use crate::client::{Served, serve};

fn page() -> Served {
    let size = ImageSize::new([1, 8, 8]).with_levels(17);
    let config = RealNvpConfig::paper(size)
        .with_scales(1)
        .with_blocks(1)
        .with_hidden(4);
    let device = thalweg::device::from_env().unwrap().device;
    let model = AnyImages::of_flow(config.init(&device)).unwrap();
    serve(Subject::Images(
        Box::new(model),
        Some(digits().select(&[0, 1, 2])),
    ))
}

#[test]
fn a_way_begins_and_ends_at_its_images() {
    let page = page();
    let (head, shares) = page.frame("images/way", &json!({ "from": 2, "to": 0, "steps": 5 }));
    assert_eq!(
        (&head["count"], &head["shape"]),
        (&json!(5), &json!([1, 8, 8]))
    );
    let shown = |index: usize| &shares[64 * index..][..64];
    let digits = digits();
    for (index, digit) in [(0, 2), (4, 0)] {
        let levels: Vec<f32> = digits
            .image(digit)
            .iter()
            .map(|level| f32::from(*level) / 16.0)
            .collect();
        assert_eq!(shown(index), levels, "{digit}");
    }
    let reply = page.post("images/way", &json!({ "from": 3, "to": 0, "steps": 5 }));
    assert!(
        reply.status == 422 && reply.text().contains("between 0 and 2, got 3"),
        "{}",
        reply.text()
    );
}

#[test]
fn the_corners_of_the_latents_are_draws_and_places_differ() {
    let page = page();
    let (_, draws) = page.frame(
        "images/draws",
        &json!({ "seed": 5, "temperature": 0.7, "count": 3 }),
    );
    let place = |at: [f64; 2]| {
        page.frame(
            "images/place",
            &json!({ "seed": 5, "temperature": 0.7, "at": at }),
        )
        .1
    };
    for (index, at) in [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]].into_iter().enumerate() {
        let draw = &draws[64 * index..][..64];
        assert_eq!(place(at), draw, "{at:?}");
    }
    assert_ne!(place([0.5, 0.5]), place([0.5, 0.4]));
    let hot = json!({ "seed": 5, "temperature": 3.5, "at": [0.0, 0.0] });
    let reply = page.post("images/place", &hot);
    assert!(
        reply.status == 422 && reply.text().contains("between 0 and 3"),
        "{}",
        reply.text()
    );
}
