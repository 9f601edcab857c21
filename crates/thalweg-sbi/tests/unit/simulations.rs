//! Simulations: seeds, threads, failures, folders.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use thalweg_sbi::{Cause, Normal, OnFailure, SbiError, Simulate, Simulations, Uniform};

fn prior() -> Uniform {
    Uniform::new([[0.0, 1.0], [-1.0, 0.0]]).unwrap()
}

fn noisy(theta: &[f64], rng: &mut ChaCha8Rng) -> Vec<f64> {
    vec![
        theta[0] + rng.random::<f64>(),
        theta[1],
        theta[0] * theta[1],
    ]
}

/// A simulator that fails above ½, and counts its calls.
fn counted(
    calls: &Arc<AtomicUsize>,
) -> impl Fn(&[f64], &mut ChaCha8Rng) -> Result<Vec<f64>, String> + use<> {
    let calls = calls.clone();
    move |theta: &[f64], rng: &mut ChaCha8Rng| {
        calls.fetch_add(1, Ordering::Relaxed);
        match theta[0] < 0.5 {
            true => Ok(noisy(theta, rng)),
            false => Err("too large".to_owned()),
        }
    }
}

fn data(simulations: &Simulations) -> Vec<(&[f64], &[f64])> {
    let of = |k| (simulations.theta(k), simulations.x(k));
    (0..simulations.len()).map(of).collect()
}

#[test]
fn the_seed_alone_determines_the_data() {
    let run = |threads, n| {
        Simulate::new(prior(), noisy)
            .threads(threads)
            .run(n)
            .unwrap()
    };
    let one = run(1, 500);
    assert_eq!((one.len(), one.dims(), one.width()), (500, 2, 3));
    assert_eq!(one, run(3, 500));
    // More simulations have the first ones in front.
    let more = run(2, 700);
    assert_eq!(data(&more)[..500], data(&one)[..]);
    let other = Simulate::new(prior(), noisy).seed(1).run(500).unwrap();
    assert_ne!(one.x(0), other.x(0));
    assert_eq!(one.theta(3)[1], one.x(3)[1]);
}

#[test]
fn parameters_of_the_caller_are_taken_in_order() {
    let theta = vec![vec![0.25, -0.5], vec![0.75, -0.125]];
    let found = Simulate::new(prior(), noisy).run_at(&theta).unwrap();
    assert_eq!(
        [found.theta(0), found.theta(1)],
        [&theta[0][..], &theta[1][..]]
    );
    assert_eq!(found.x(1)[2], 0.75 * -0.125);
}

#[test]
fn the_first_failure_ends_a_run_or_all_are_counted() {
    let simulate = |on_failure| {
        Simulate::new(prior(), counted(&Arc::default()))
            .on_failure(on_failure)
            .run(400)
    };
    let stopped = simulate(OnFailure::Stop).unwrap_err();
    assert!(matches!(&stopped, SbiError::Simulation(failure) if failure.theta[0] >= 0.5));
    assert!(
        stopped
            .to_string()
            .contains("failed: too large; mend the simulator"),
        "{stopped}"
    );
    let kept = simulate(OnFailure::Exclude { at_most: 0.7 }).unwrap();
    assert_eq!(kept.len() + kept.failures().len(), 400);
    assert!(kept.failures().len() > 150 && kept.failures().len() < 250);
    assert!(data(&kept).iter().all(|(theta, _)| theta[0] < 0.5));
    let many = simulate(OnFailure::Exclude { at_most: 0.25 })
        .unwrap_err()
        .to_string();
    assert!(
        many.contains("of 400 simulations have no data, more than the share 0.25"),
        "{many}"
    );
}

#[test]
fn numbers_that_are_not_finite_and_panics_are_failures() {
    let wild = |theta: &[f64], _: &mut ChaCha8Rng| match theta[0] {
        t if t < 0.3 => vec![1.0, f64::NAN],
        t if t < 0.6 => panic!("a rate of {:.1}", 0.5),
        _ => vec![1.0, 2.0],
    };
    let simulate = Simulate::new(prior(), wild).on_failure(OnFailure::Exclude { at_most: 1.0 });
    let found = simulate.run(100).unwrap();
    let cause = |below: f64, from: f64| {
        let of = |f: &&thalweg_sbi::Failure| f.theta[0] < below && f.theta[0] >= from;
        found.failures().iter().find(of).unwrap().cause.clone()
    };
    let not_finite = Cause::NotFinite {
        entry: 1,
        value: "NaN".to_owned(),
    };
    assert_eq!(cause(0.3, 0.0), not_finite);
    assert_eq!(cause(0.6, 0.3), Cause::Panic("a rate of 0.5".to_owned()));
    assert_eq!(
        found.len(),
        (0..100).filter(|_| true).count() - found.failures().len()
    );
}

#[test]
fn simulations_that_hang_are_given_up() {
    let hangs = |theta: &[f64], rng: &mut ChaCha8Rng| {
        if theta[0] > 0.99 {
            loop {
                std::thread::park();
            }
        }
        noisy(theta, rng)
    };
    let limit = Duration::from_secs(2);
    let simulate = Simulate::new(prior(), hangs).threads(2).time_limit(limit);
    let found = simulate
        .on_failure(OnFailure::Exclude { at_most: 0.2 })
        .run(200)
        .unwrap();
    assert!(!found.failures().is_empty());
    for failure in found.failures() {
        assert_eq!(failure.cause, Cause::TimedOut(limit));
        assert!(failure.theta[0] > 0.99);
    }
    assert!(data(&found).iter().all(|(theta, _)| theta[0] <= 0.99));
}

#[test]
fn data_of_several_lengths_are_an_error() {
    let ragged = |theta: &[f64], _: &mut ChaCha8Rng| vec![0.0; 1 + usize::from(theta[0] > 0.5)];
    let error = Simulate::new(prior(), ragged)
        .run(50)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("a simulator gives as many each time"),
        "{error}"
    );
    let empty = |_: &[f64], _: &mut ChaCha8Rng| vec![];
    let error = Simulate::new(prior(), empty)
        .run(5)
        .unwrap_err()
        .to_string();
    assert!(error.contains("simulation 0 gave 0 numbers"), "{error}");
}

#[test]
fn a_folder_keeps_what_was_simulated() {
    let folder = tempfile::tempdir().unwrap();
    let calls = Arc::<AtomicUsize>::default();
    let simulate =
        Simulate::new(prior(), counted(&calls)).on_failure(OnFailure::Exclude { at_most: 1.0 });
    let bare = simulate.run(300).unwrap();
    let cached = simulate.clone().cache(folder.path().join("runs"));
    calls.store(0, Ordering::Relaxed);
    cached.run(100).unwrap();
    assert_eq!(calls.swap(0, Ordering::Relaxed), 100);
    // The rest, and one of each file once more, to compare it.
    let files = || fs::read_dir(folder.path().join("runs")).unwrap().count();
    let before = files();
    assert_eq!(cached.run(300).unwrap(), bare);
    assert_eq!(calls.swap(0, Ordering::Relaxed), 200 + before);
    // Fewer than there are.
    assert_eq!(
        data(&cached.run(50).unwrap()),
        data(&simulate.run(50).unwrap())
    );
}

#[test]
fn a_folder_of_other_simulations_or_damaged_files_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let run = |simulate: Simulate| simulate.cache(folder.path()).run(60);
    run(Simulate::new(prior(), noisy)).unwrap();
    let other = |simulate| run(simulate).unwrap_err().to_string();
    let text = other(Simulate::new(prior(), noisy).seed(1));
    assert!(
        text.contains("holds simulations of another prior or another seed"),
        "{text}"
    );
    let text = other(Simulate::new(
        Normal::new(&[0.0; 2], &[1.0; 2]).unwrap(),
        noisy,
    ));
    assert!(text.contains("another prior"), "{text}");
    let text = other(Simulate::new(
        prior(),
        |theta: &[f64], _: &mut ChaCha8Rng| theta.to_vec(),
    ));
    assert!(
        text.contains("holds simulations of another simulator"),
        "{text}"
    );
    let path = fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 8]).unwrap();
    let text = other(Simulate::new(prior(), noisy));
    assert!(text.contains("remove it to simulate anew"), "{text}");
}
