//! What the page may ask for.

use serde_json::{Value, json};

use crate::client::shared;

#[test]
fn the_page_learns_what_there_is_to_look_at() {
    let about: Value = serde_json::from_slice(&shared().post("about", &json!({})).body).unwrap();
    let names = |list: &str| about[list].as_array().unwrap().len();
    assert_eq!(about["first"], "two_moons");
    assert_eq!(
        [names("toys"), names("transforms"), names("landscapes")],
        [6, 2, 4]
    );
}

#[test]
fn a_request_outside_its_bounds_names_them() {
    let page = shared();
    let ask = |side: usize, draws: usize| json!({ "side": side, "draws": draws, "ways": 0, "point": null });
    for (request, words) in [
        (ask(513, 0), "between 0 and 512, got 513"),
        (ask(0, 5001), "between 0 and 5000, got 5001"),
        (json!({ "side": 4 }), "missing field"),
        (
            json!({ "side": -1, "draws": 0, "ways": 0, "point": null }),
            "invalid value",
        ),
    ] {
        let reply = page.post("toy/frame", &request);
        assert_eq!(reply.status, 422);
        assert!(reply.text().contains(words), "{}", reply.text());
    }
    let start = json!({ "toy": "three_moons", "transform": "affine", "optimizer": "adam" });
    let reply = page.post("toy/start", &start);
    assert!(
        reply.status == 422 && reply.text().contains("two_moons"),
        "{}",
        reply.text()
    );
    assert_eq!(page.post("toy/stop", &json!({})).status, 404);
}
