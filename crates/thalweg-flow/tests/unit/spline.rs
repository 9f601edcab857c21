//! Splines: the identity at zero, the knots, the tails, and parameters that are extreme.

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{Least, Noise, RationalQuadratic, Transformer};

use crate::host::{BOTH, assert_near, host, tensor};

const BINS: usize = 4;
const PARAMETERS: usize = 3 * BINS - 1;

/// Points as a batch of one feature, and the same parameters for each of them.
fn batch(
    points: &[f64],
    parameters: &[f64],
    device: &Device,
    dtype: DType,
) -> (Tensor<2>, Tensor<2>) {
    let rows = parameters.repeat(points.len());
    (
        tensor(points, [points.len(), 1], device, dtype),
        tensor(rows, [points.len(), PARAMETERS], device, dtype),
    )
}

fn spline() -> RationalQuadratic {
    RationalQuadratic::new(BINS, 2.0)
}

/// Sizes of bins, as the paper makes them of raw numbers.
fn ends(raw: &[f64]) -> Vec<f64> {
    let total: f64 = raw.iter().map(|r| r.exp()).sum();
    let share = |r: &f64| 1e-3 + (1.0 - 1e-3 * BINS as f64) * r.exp() / total;
    let mut ends = vec![-2.0];
    for raw in raw {
        ends.push(ends[ends.len() - 1] + 4.0 * share(raw));
    }
    ends
}

#[test]
fn at_zero_it_is_the_identity() {
    let points = [-5.0, -2.0, -1.3, -1.0, 0.0, 0.7, 1.0, 2.0, 2.1];
    for device in cpu_devices() {
        let (x, zero) = batch(&points, &[0.0; PARAMETERS], &device, DType::F64);
        let (y, log_det) = spline().forward(x, zero);
        assert_near(&host(y), &points, 1e-15);
        assert_near(&host(log_det), &[0.0; 9], 1e-14);
    }
}

#[test]
fn knots_go_to_knots_with_the_slopes_between_the_bins() {
    let raw: Vec<f64> = (0..PARAMETERS).map(|k| (k as f64 * 1.7).sin()).collect();
    let (x, y) = (ends(&raw[..BINS]), ends(&raw[BINS..2 * BINS]));
    let shift = ((1.0 - 1e-3f64).exp() - 1.0).ln();
    let slope = |r: &f64| 1e-3 + (r + shift).exp().ln_1p();
    let slopes = [
        vec![1.0],
        raw[2 * BINS..].iter().map(slope).collect(),
        vec![1.0],
    ]
    .concat();
    let logs: Vec<f64> = slopes.iter().map(|s| s.ln()).collect();
    for device in cpu_devices() {
        let (points, parameters) = batch(&x, &raw, &device, DType::F64);
        let (found, log_det) = spline().forward(points, parameters);
        assert_near(&host(found), &y, 1e-12);
        assert_near(&host(log_det), &logs, 1e-12);
        let (points, parameters) = batch(&y, &raw, &device, DType::F64);
        let (found, log_det) = spline().inverse(points, parameters);
        assert_near(&host(found), &x, 1e-12);
        let negative: Vec<f64> = logs.iter().map(|l| -l).collect();
        assert_near(&host(log_det), &negative, 1e-12);
    }
}

/// Other least sizes: the first bin ends where its share says, the slope there is that of its number.
#[test]
fn least_sizes_are_those_given() {
    let (width, height, slope) = (0.05, 0.12, 0.3);
    let least = Least::new([width, height], slope);
    let wide = spline().with_least(least);
    // One bin takes all that is free.
    let mut raw = [0.0; PARAMETERS];
    raw[BINS - 1] = 40.0;
    raw[2 * BINS - 1] = 40.0;
    raw[2 * BINS] = -40.0;
    for device in cpu_devices() {
        let (x, parameters) = batch(&[-2.0 + 4.0 * width], &raw, &device, DType::F64);
        let (y, log_det) = wide.forward(x, parameters);
        assert_near(&host(y), &[-2.0 + 4.0 * height], 1e-12);
        assert_near(&host(log_det), &[slope.ln()], 1e-12);
        let (x, zero) = batch(&[-1.3, 0.2], &[0.0; PARAMETERS], &device, DType::F64);
        let (y, log_det) = wide.forward(x, zero);
        assert_near(&host(y), &[-1.3, 0.2], 1e-14);
        assert_near(&host(log_det), &[0.0; 2], 1e-14);
    }
}

#[test]
#[should_panic(expected = "do not fit")]
fn least_sizes_leave_room() {
    let _ = spline().with_least(Least::new([0.25, 1e-3], 1e-3));
}

/// Angles: each knot's slope is a softplus of its own number, the one at `π` that of the one at `−π`, so a
/// density is continuous across the ends.
#[test]
fn the_ends_of_a_circular_spline_have_one_slope() {
    let raw: Vec<f64> = (0..3 * BINS).map(|k| (k as f64 * 1.7).sin()).collect();
    let (x, y) = (ends(&raw[..BINS]), ends(&raw[BINS..2 * BINS]));
    let shift = ((1.0 - 1e-3f64).exp() - 1.0).ln();
    let slope = |knot: usize| 1e-3 + (raw[2 * BINS + knot % BINS] + shift).exp().ln_1p();
    let logs: Vec<f64> = (0..=BINS).map(|knot| slope(knot).ln()).collect();
    let circle = RationalQuadratic::circular(BINS, 2.0);
    assert_eq!(circle.parameters_per_feature(), 3 * BINS);
    for device in cpu_devices() {
        for (dtype, tolerance) in BOTH.into_iter().zip([1e-12, 2e-6]) {
            let rows = tensor(raw.repeat(x.len()), [x.len(), 3 * BINS], &device, dtype);
            let points = |at: &[f64]| tensor(at, [at.len(), 1], &device, dtype);
            let (found, log_det) = circle.forward(points(&x), rows.clone());
            assert_near(&host(found), &y, tolerance);
            assert_near(&host(log_det), &logs, tolerance);
            let (found, log_det) = circle.inverse(points(&y), rows);
            assert_near(&host(found), &x, tolerance);
            let negative: Vec<f64> = logs.iter().map(|l| -l).collect();
            assert_near(&host(log_det), &negative, tolerance);
        }
    }
}

#[test]
fn tails_are_left_alone_also_where_a_whole_batch_lies_in_them() {
    let points = [2.000_1, -2.5, 1e20, f64::INFINITY];
    for device in cpu_devices() {
        let (x, parameters) = batch(&points, &[1.0; PARAMETERS], &device, DType::F64);
        let (y, log_det) = spline().forward(x, parameters);
        assert_eq!(host(y), points);
        assert_eq!(host(log_det), [0.0; 4]);
    }
}

#[test]
fn a_value_that_is_no_number_stays_one() {
    for device in cpu_devices() {
        let (x, parameters) = batch(&[f64::NAN], &[1.0; PARAMETERS], &device, DType::F64);
        assert!(host(spline().forward(x, parameters).0)[0].is_nan());
    }
}

#[test]
fn extreme_parameters_give_finite_values_and_gradients_that_invert() {
    let points: Vec<f64> = (0..41).map(|i| -2.0 + 0.1 * f64::from(i)).collect();
    for device in cpu_devices() {
        for dtype in BOTH {
            for scale in [1.0, 30.0, 1e3] {
                let raw: Vec<f64> = (0..PARAMETERS)
                    .map(|k| scale * (k as f64 * 2.3).cos())
                    .collect();
                let (x, parameters) = batch(&points, &raw, &device, dtype);
                let parameters = parameters.autodiff().require_grad();
                let (y, log_det) = spline().forward(x.clone(), parameters.clone());
                let values = host(y.clone());
                assert!(
                    values.windows(2).all(|pair| pair[0] <= pair[1]),
                    "{values:?}"
                );
                let gradients = (y.clone().sum() + log_det.sum()).backward();
                let gradient = host(parameters.grad(&gradients).expect("a gradient"));
                assert!(gradient.iter().all(|g| g.is_finite()));
                // Where the spline is nearly flat many x have one y, so y is what must come back.
                let (back, log_det) = spline().inverse(y.inner(), parameters.clone().inner());
                assert!(host(log_det).iter().all(|l| l.is_finite()));
                let (again, _) = spline().forward(back, parameters.inner());
                let tolerance = if dtype == DType::F64 { 1e-12 } else { 1e-5 };
                assert_near(&host(again), &values, tolerance);
            }
        }
    }
}

#[test]
fn random_splines_invert_in_f32() {
    for device in cpu_devices() {
        let mut noise = Noise::seeded(5);
        let x: Tensor<2> = noise.normal([4_000, 1], &device, DType::F32);
        let parameters: Tensor<2> = noise.normal([4_000, PARAMETERS], &device, DType::F32);
        let (y, log_det) = spline().forward(x.clone(), parameters.clone());
        let (back, _) = spline().inverse(y, parameters);
        // An error of y becomes one of x by the slope between them.
        let slopes = log_det.exp().clamp_max(1.0).reshape([4_000, 1]);
        assert_near(&host((back - x) * slopes), &[0.0; 4_000], 2e-6);
    }
}
