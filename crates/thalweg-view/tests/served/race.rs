//! Methods on their way down.

use serde_json::{Value, json};

use crate::client::shared;

fn about() -> Value {
    serde_json::from_slice(&shared().post("about", &json!({})).body).unwrap()
}

fn run(landscape: &Value, method: &Value, start: &Value, gradients: usize) -> (Value, Vec<f32>) {
    let request = json!({
        "landscape": landscape, "method": method, "start": start, "scale": 1.0, "gradients": gradients,
    });
    shared().frame("race/run", &request)
}

#[test]
fn every_method_gets_down_every_landscape() {
    let about = about();
    for landscape in about["landscapes"].as_array().unwrap() {
        for method in about["methods"].as_array().unwrap() {
            let (ran, places) = run(
                &landscape["name"],
                &method["name"],
                &landscape["start"],
                300,
            );
            let heights: Vec<f64> = serde_json::from_value(ran["heights"].clone()).unwrap();
            let gradients: Vec<usize> = serde_json::from_value(ran["gradients"].clone()).unwrap();
            assert_eq!(
                (places.len(), gradients.len()),
                (2 * heights.len(), heights.len())
            );
            assert!(gradients.is_sorted() && gradients[0] == 0, "{gradients:?}");
            let lowest = heights.iter().copied().fold(f64::INFINITY, f64::min);
            assert!(lowest < 0.5 * heights[0], "{landscape} {method} {ran}");
        }
    }
}

#[test]
fn the_lowest_places_are_lower_than_all_around_them() {
    for landscape in about()["landscapes"].as_array().unwrap() {
        let (_, heights) = shared().frame(
            "race/relief",
            &json!({ "landscape": landscape["name"], "side": 64 }),
        );
        let lowest_cell = heights.iter().copied().fold(f32::INFINITY, f32::min);
        for place in landscape["lowest"].as_array().unwrap() {
            let (ran, _) = run(&landscape["name"], &json!("gradient descent"), place, 1);
            let height = ran["heights"][0].as_f64().unwrap();
            assert!(
                height <= f64::from(lowest_cell),
                "{landscape}: {height} {lowest_cell}"
            );
        }
    }
}

#[test]
fn a_step_that_is_too_long_is_told() {
    let request = json!({
        "landscape": "valley", "method": "gradient descent", "start": [-1.2, 1.0], "scale": 100.0, "gradients": 100,
    });
    let (ran, _) = shared().frame("race/run", &request);
    assert!(ran["ended"].as_str().unwrap().contains("too long"), "{ran}");
    let mut unknown = request;
    unknown["method"] = json!("luck");
    let reply = shared().post("race/run", &unknown);
    assert!(
        reply.status == 422 && reply.text().contains("luck"),
        "{}",
        reply.text()
    );
}
