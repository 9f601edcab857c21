//! What is measured on the way: metrics of one's own, bounds, gradients, numbers that move.

use std::cell::RefCell;
use std::path::Path;
use std::{fs, io};

use crate::common::{Line, exact, points, repeat, sgd, squared_error};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_optim::{
    Evaluation, EvaluationError, Loss, Minimizer, Objective, State, StateError, Stateful,
};
use thalweg_train::{
    BestMetric, Callback, Data, DrawSamples, GradientNorms, Hyper, LastCheckpoint, Outcome,
    Progress, TrainError, Trained, Trainer, Watch, largest_weight, on_epoch_end,
};

fn fit(epochs: usize, callbacks: &mut impl Callback<Line>) -> Trained<Line> {
    let data = repeat(exact());
    Trainer::new(epochs, 0.1).fit(Line::zero(), sgd(), &data, squared_error, callbacks)
}

/// A measure that gives these numbers one after the other.
fn numbers(values: &[f64]) -> impl FnMut(&Line) -> f64 {
    let mut values = values.iter().copied();
    move |_| values.next().expect("one an epoch")
}

fn saved_epochs(metric: BestMetric<Line>, epochs: usize) -> (Vec<String>, Trained<Line>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("best.txt");
    let file = path.clone();
    let mut epoch = 0;
    let metric = metric.save_with(&path, move |_: &Line, path: &Path| {
        epoch += 1;
        fs::write(path, epoch.to_string())
    });
    let mut seen = Vec::new();
    let look = on_epoch_end(|_: &Progress, _: &Line| {
        seen.push(fs::read_to_string(&file).unwrap_or_default());
    });
    let trained = fit(epochs, &mut (metric, look));
    (seen, trained)
}

#[test]
fn a_metric_of_ones_own_keeps_the_weights_that_are_at_least_as_good() {
    let values = [0.5, 0.4, 0.5, f64::NAN, 0.6, 0.1];
    let (saves, trained) = saved_epochs(BestMetric::highest("accuracy", numbers(&values)), 6);
    assert_eq!(saves, ["1", "1", "2", "2", "3", "3"]);
    let history = trained.history.metric("accuracy");
    assert_eq!(history[..3], values[..3]);

    let values = [0.5, 0.6, 0.5, 0.4];
    let (saves, _) = saved_epochs(BestMetric::lowest("error", numbers(&values)), 4);
    assert_eq!(saves, ["1", "1", "2", "3"]);
}

#[test]
fn a_first_nan_is_not_the_best() {
    let mut metric = BestMetric::highest("accuracy", numbers(&[f64::NAN, 0.1]));
    let _ = fit(2, &mut metric);
    assert_eq!(metric.best(), Some(0.1));
}

#[test]
fn a_measure_that_fails_ends_the_run() {
    let fail = |_: &Line| Err::<f64, _>(io::Error::other("no ruler"));
    for trained in [
        fit(2, &mut BestMetric::highest("length", fail)),
        fit(2, &mut Watch::new("length", fail)),
    ] {
        assert!(matches!(
            trained.outcome,
            Outcome::Failed(TrainError::Callback(_))
        ));
        assert!(trained.outcome.to_string().contains("no ruler"));
    }
}

#[test]
fn a_bound_stops_the_run_and_nan_is_above_it() {
    for last in [3.0, f64::NAN] {
        let drifts = [1.0, 2.0, last];
        let watch = Watch::new("drift", numbers(&drifts));
        let trained = fit(5, &mut watch.warn_above(1.5).stop_above(2.0));
        assert_eq!(trained.history.epochs().len(), 3);
        let expected = format!("stopped: drift is {last} in epoch 2, which is above 2");
        assert_eq!(trained.outcome.to_string(), expected);
    }
    let unbounded = fit(
        2,
        &mut Watch::new("drift", numbers(&[f64::INFINITY, f64::NAN])),
    );
    assert!(matches!(unbounded.outcome, Outcome::Finished));
}

#[test]
fn the_largest_weight_is_one_of_them() {
    let device = Device::default();
    assert_eq!(largest_weight(&Line::new(-3.0, 2.0, &device)).unwrap(), 3.0);
    let bad = Line::new(f32::NAN, 2.0, &device);
    assert!(largest_weight(&bad).unwrap().is_nan());
    let bad = Line::new(1.0, f32::NAN, &device);
    assert!(largest_weight(&bad).unwrap().is_nan());
}

/// Makes no step, evaluates twice.
struct Stay;

impl Stateful for Stay {
    fn state(&self) -> State {
        State::default()
    }
    fn restore(&mut self, _: &State, _: &Device) -> Result<(), StateError> {
        Ok(())
    }
}

impl Minimizer<Line> for Stay {
    fn step(
        &mut self,
        _: f64,
        model: Line,
        objective: &mut Objective<'_, Line>,
    ) -> (Line, Result<Loss, EvaluationError>) {
        let first = objective(&model).map(|Evaluation { loss, .. }| loss);
        let elsewhere = Line::new(50.0, 50.0, &Device::default().autodiff());
        let second = objective(&elsewhere);
        (model, second.and(first))
    }
}

#[test]
fn gradient_norms_are_those_of_the_first_evaluation() {
    // At the origin the gradient of (w x + b − y)² is −2y (x, 1).
    let batches = vec![
        points([2.0], [1.0]),
        points([0.0], [3.0]),
        points([1.0], [0.0]),
    ];
    let gradients = [[-4.0, -2.0], [0.0, -6.0], [0.0, 0.0_f64]];
    let rms = |squares: &[f64]| (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
    let total = gradients.map(|[w, b]| w * w + b * b);

    let norms = GradientNorms::new().by_layer();
    let minimizer = norms.of(Stay);
    let data = repeat(batches.clone());
    let mut callbacks = norms;
    let trained = Trainer::new(2, 0.1).fit(
        Line::zero(),
        minimizer,
        &data,
        squared_error,
        &mut callbacks,
    );
    for epoch in trained.history.epochs() {
        let metric = |name: &str| epoch.metrics[name];
        assert!((metric("gradient_norm") - rms(&total)).abs() < 1e-6);
        assert!((metric("gradient_norm_max") - 6.0).abs() < 1e-6);
        let weight = rms(&gradients.map(|[w, _]| w * w));
        assert!((metric("gradient/weight") - weight).abs() < 1e-6);
        let bias = rms(&gradients.map(|[_, b]| b * b));
        assert!((metric("gradient/bias") - bias).abs() < 1e-6);
    }

    // Steps 0, 2, 4: batches 0 and 2 of the first epoch, 1 of the second.
    let mut norms = GradientNorms::new().every_steps(2);
    let minimizer = norms.of(Stay);
    let trained =
        Trainer::new(2, 0.1).fit(Line::zero(), minimizer, &data, squared_error, &mut norms);
    let measured = trained.history.metric("gradient_norm");
    assert!((measured[0] - rms(&[20.0, 0.0])).abs() < 1e-6);
    assert!((measured[1] - 6.0).abs() < 1e-6);
    assert!(trained.history.metric("gradient/bias").is_empty());
}

#[test]
fn measuring_changes_nothing() {
    let plain = fit(3, &mut ());
    let mut norms = GradientNorms::new();
    let minimizer = norms.of(sgd());
    let trained = Trainer::new(3, 0.1).fit(
        Line::zero(),
        minimizer,
        &repeat(exact()),
        squared_error,
        &mut norms,
    );
    assert_eq!(trained.model.values(), plain.model.values());
}

#[test]
fn a_layer_is_the_module_that_holds_the_parameters() {
    #[derive(Module, Debug)]
    struct Lines {
        lines: Vec<Line>,
    }
    let device = Device::default().autodiff();
    let lines = (0..2).map(|k| Line::new(k as f32, 0.0, &device)).collect();
    let mut norms = GradientNorms::new().by_layer();
    let minimizer = norms.of(sgd());
    let trained = Trainer::new(1, 0.0).fit(
        Lines { lines },
        minimizer,
        &repeat(vec![points([1.0], [0.0])]),
        |lines: &Lines, batch, seed| squared_error(&lines.lines[1], batch, seed),
        &mut norms,
    );
    // The first line takes no part; the second has (2, 2).
    let metrics = &trained.history.epochs()[0].metrics;
    let names: Vec<&str> = metrics.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["gradient/lines.1", "gradient_norm", "gradient_norm_max"]
    );
    assert!((metrics["gradient/lines.1"] - 8.0_f64.sqrt()).abs() < 1e-6);
}

#[test]
fn a_hyper_parameter_moves_when_its_clock_says() {
    let (beta, epsilon) = (Hyper::new("beta", 9.0), Hyper::new("epsilon", 9.0));
    let seen = RefCell::new(Vec::new());
    let loss = |line: &Line, batch, seed| {
        seen.borrow_mut().push((beta.get(), epsilon.get()));
        squared_error(line, batch, seed)
    };
    let mut callbacks = (
        beta.by_step(|step| step as f64),
        epsilon.by_epoch(|epoch| if epoch < 1 { 0.1 } else { 0.01 }),
    );
    let data = repeat(exact()[..2].to_vec());
    let trained = Trainer::new(2, 0.1).fit(Line::zero(), sgd(), &data, loss, &mut callbacks);
    assert_eq!(
        *seen.borrow(),
        [(0.0, 0.1), (1.0, 0.1), (2.0, 0.01), (3.0, 0.01)]
    );
    assert_eq!(trained.history.metric("beta"), [1.0, 3.0]);
    assert_eq!(trained.history.metric("epsilon"), [0.1, 0.01]);
}

#[test]
fn the_last_checkpoint_keeps_the_newest_sound_weights() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = LastCheckpoint::new(folder.path().join("last"));
    let path = checkpoint.path().to_owned();
    let trained = fit(2, &mut { checkpoint });
    let loaded = Line::zero().try_load_file(&path).unwrap();
    assert_eq!(loaded.values(), trained.model.values());

    let mut last = LastCheckpoint::new(&path);
    let mut at = Progress::default();
    at.epoch = 9;
    let bad = Line::new(f32::NAN, 0.0, &Device::default().autodiff());
    let _ = last.on_epoch_end(&at, &bad);
    let loaded = Line::zero().try_load_file(&path).unwrap();
    assert_eq!(loaded.values(), trained.model.values());
}

#[test]
fn samples_are_drawn_at_each_temperature() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("samples");
    let draw = DrawSamples::new(&out, |line: &Line, temperature, path: &Path| {
        assert!(!line.weight.val().is_autodiff());
        fs::write(path, format!("{temperature}"))
    });
    let mut pictures = Vec::new();
    let see = on_epoch_end(|at: &Progress, _: &Line| pictures.push(at.pictures.clone()));
    let callback = draw.temperatures([1.0, 0.75]).every(2);
    let _ = fit(5, &mut (callback, see));
    let mut names: Vec<_> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let expected = [
        "epoch_2_t0.75.png",
        "epoch_2_t1.png",
        "epoch_4_t0.75.png",
        "epoch_4_t1.png",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        fs::read_to_string(out.join("epoch_4_t0.75.png")).unwrap(),
        "0.75"
    );
    let seen: Vec<usize> = pictures.iter().map(|pictures| pictures.len()).collect();
    assert_eq!(seen, [0, 2, 0, 2, 0]);
    assert_eq!(pictures[1]["samples/t0.75"], out.join("epoch_2_t0.75.png"));
}

#[test]
fn a_picture_that_fails_ends_the_run_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let draw = DrawSamples::new(folder.path(), |_: &Line, _, path: &Path| {
        fs::write(path, "half")?;
        Err(io::Error::other("no ink"))
    });
    let trained = fit(2, &mut { draw });
    assert!(matches!(
        trained.outcome,
        Outcome::Failed(TrainError::Picture { .. })
    ));
    assert!(trained.outcome.to_string().contains("no ink"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn metrics_with_a_slash_are_not_on_the_progress_line() {
    use std::sync::mpsc;
    struct Lines(mpsc::Sender<u8>);
    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            for byte in bytes {
                self.0.send(*byte).map_err(io::Error::other)?;
            }
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (sender, receiver) = mpsc::channel();
    let watch = |name: &str| Watch::new(name, |_: &Line| 1.0);
    let bar = thalweg_train::ProgressBar::lines(Lines(sender));
    let _ = fit(1, &mut (watch("shown"), watch("not/shown"), bar));
    let line = String::from_utf8(receiver.iter().collect()).unwrap();
    assert!(
        line.contains("shown 1.0000") && !line.contains("not/shown"),
        "{line}"
    );
}

#[test]
fn a_tensor_of_a_measure_may_be_read_with_an_error() {
    let watch = Watch::new("norm", |line: &Line| {
        let norm: Tensor<1> = line.weight.val().abs();
        norm.try_into_scalar::<f64>()
    });
    let data = Data::train(|_| exact());
    let trained =
        Trainer::new(1, 0.1).fit(Line::zero(), sgd(), &data, squared_error, &mut { watch });
    let norm = trained.history.metric("norm")[0];
    assert_eq!(norm, f64::from(trained.model.values()[0].abs()));
}
