//! A density of images.

use serde_json::json;
use thalweg::data::digits;
use thalweg::images::AnyImages;
use thalweg::models::{GlowConfig, ImageSize, RealNvpConfig};
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
        &json!({ "seed": 5, "temperatures": [0.7], "count": 3 }),
    );
    let place = |at: [f64; 2]| {
        page.frame(
            "images/place",
            &json!({ "seed": 5, "temperatures": [0.7], "at": at }),
        )
        .1
    };
    for (index, at) in [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]].into_iter().enumerate() {
        let draw = &draws[64 * index..][..64];
        assert_eq!(place(at), draw, "{at:?}");
    }
    assert_ne!(place([0.5, 0.5]), place([0.5, 0.4]));
    let hot = json!({ "seed": 5, "temperatures": [3.5], "at": [0.0, 0.0] });
    let reply = page.post("images/place", &hot);
    assert!(
        reply.status == 422 && reply.text().contains("between 0 and 3"),
        "{}",
        reply.text()
    );
}

#[test]
fn each_scale_has_a_temperature() {
    let size = ImageSize::new([1, 8, 8]).with_levels(17);
    let config = GlowConfig::openai(size)
        .with_scales(2)
        .with_depth(1)
        .with_hidden(4);
    let device = thalweg::device::from_env().unwrap().device;
    let model = AnyImages::of_flow(config.init(&device)).unwrap();
    let page = serve(Subject::Images(Box::new(model), None));
    let draws = |temperatures: [f64; 2]| {
        let ask = json!({ "seed": 1, "temperatures": temperatures, "count": 4 });
        page.frame("images/draws", &ask).1
    };
    let [all, fine, coarse] = [[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]].map(draws);
    assert!(all != fine && fine != coarse && coarse != all);
    // At 0 nothing is left to chance.
    let none = draws([0.0, 0.0]);
    assert_eq!(none[..64], none[64..128]);
    let one = json!({ "seed": 1, "temperatures": [1.0], "count": 4 });
    let reply = page.post("images/draws", &one);
    assert!(
        reply.status == 422 && reply.text().contains("one for each scale"),
        "{}",
        reply.text()
    );
}
