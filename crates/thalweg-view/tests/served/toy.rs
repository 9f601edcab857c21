//! A flow that learns while the page looks on.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use thalweg::data::Toy;

use crate::client::{Served, new};

fn frame(page: &Served, request: &Value) -> (Value, Vec<f32>) {
    page.frame("toy/frame", request)
}

fn ask(side: usize, draws: usize, ways: usize, point: Option<[f32; 2]>) -> Value {
    json!({ "side": side, "draws": draws, "ways": ways, "point": point })
}

/// The first frame that holds, however long the machine takes.
fn wait(page: &Served, holds: impl Fn(&Value) -> bool) -> Value {
    loop {
        let (head, _) = frame(page, &ask(0, 0, 0, None));
        if holds(&head) {
            return head;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Pauses, and waits until the step stands that was under way.
fn pause(page: &Served) -> Value {
    assert_eq!(
        page.post("toy/play", &json!({ "playing": false })).status,
        200
    );
    let mut last = wait(page, |_| true);
    loop {
        thread::sleep(Duration::from_millis(200));
        let head = wait(page, |_| true);
        if head["step"] == last["step"] && head["run"] == last["run"] {
            return head;
        }
        last = head;
    }
}

fn start(page: &Served, toy: &str, transform: &str, optimizer: &str) {
    let choice = json!({ "toy": toy, "transform": transform, "optimizer": optimizer });
    assert_eq!(page.post("toy/start", &choice).status, 200);
}

#[test]
fn a_training_goes_on_pauses_and_begins_again() {
    let page = new();
    wait(&page, |head| head["step"].as_u64().unwrap() > 0);
    let head = pause(&page);
    assert_eq!((&head["playing"], &head["run"]), (&json!(false), &json!(1)));
    start(&page, "rings", "affine", "momentum");
    let again = wait(&page, |head| head["choice"]["toy"] == "rings");
    assert_eq!(
        (&again["run"], &again["choice"]["optimizer"]),
        (&json!(2), &json!("momentum"))
    );
    assert!(again["playing"] == true && again["ended"] == Value::Null);
}

#[test]
fn the_density_of_the_picture_is_that_of_its_point_and_sums_to_one() {
    let page = new();
    for transform in ["affine", "spline"] {
        start(&page, "two_moons", transform, "adam");
        wait(&page, |head| {
            head["choice"]["transform"] == transform && head["step"].as_u64() > Some(20)
        });
        pause(&page);
        let (side, [left, right, low, high]) = (100, Toy::TwoMoons.bounds());
        let middle = [0.5 * (left + right), 0.5 * (low + high)].map(|x| x as f32);
        let (head, numbers) = frame(&page, &ask(side, 7, 3, Some(middle)));
        let stages = head["stages"].as_u64().unwrap() as usize;
        assert_eq!(
            (stages, numbers.len()),
            (9, side * side + 2 * 7 + 2 * 3 * stages)
        );

        let cell = (right - left) * (high - low) / (side * side) as f64;
        let density = &numbers[..side * side];
        let mass: f64 = density
            .iter()
            .map(|nats| f64::from(*nats).exp() * cell)
            .sum();
        // The untrained tails leave the picture.
        assert!((0.5..1.02).contains(&mass), "{transform}: {mass}");

        let (_, one) = frame(&page, &ask(1, 0, 0, None));
        let point = &head["point"];
        let nats = point["nats"].as_f64().unwrap();
        assert!((nats - f64::from(one[0])).abs() < 1e-5, "{nats} {one:?}");
        let exact = Toy::TwoMoons.log_density(middle.map(f64::from));
        assert!((point["exact"].as_f64().unwrap() - exact).abs() < 1e-9);
        let p = point["p_value"].as_f64().unwrap();
        assert!(p > 0.0 && p <= 1.0);
        let way = point["way"].as_array().unwrap();
        assert_eq!((way.len(), &way[stages - 1]), (stages, &point["at"]));
        // Ways end where the draws are.
        let (draws, ways) = numbers[side * side..].split_at(2 * 7);
        for (draw, end) in draws.iter().zip(&ways[2 * 3 * (stages - 1)..]) {
            assert!((draw - end).abs() < 1e-4, "{draw} {end}");
        }
    }
}

#[test]
fn all_optimizers_train_all_toys() {
    let page = new();
    let optimizers = ["adam", "momentum", "gradient", "rms", "sign", "adam"];
    for (toy, optimizer) in Toy::ALL.into_iter().zip(optimizers) {
        start(&page, toy.name(), "spline", optimizer);
        let head = wait(&page, |head| {
            head["choice"]["toy"] == toy.name() && head["step"].as_u64() > Some(3)
        });
        assert!(
            head["nats"].as_f64().unwrap().is_finite() && head["ended"] == Value::Null,
            "{head}"
        );
        let (exact, density) = page.frame("toy/exact", &json!({ "toy": toy.name(), "side": 16 }));
        assert!(
            exact["nats"].as_f64().unwrap() > head["nats"].as_f64().unwrap() - 0.2,
            "{toy}"
        );
        assert_eq!(density.len(), 256);
    }
}
