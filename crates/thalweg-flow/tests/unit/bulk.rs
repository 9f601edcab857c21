//! Batches by chunks.

use std::sync::Mutex;

use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::bulk::{Work, by_chunks, map_by_chunks, pieces};
use thalweg_flow::{
    Affine, Coupling, DiagonalScale, Flow, LogDet, Mlp, MlpConfig, Noise, Split, WithContext,
};
use thalweg_laws::scramble;

use crate::host::{assert_near, host};

/// So wide that a chunk has 32 rows, and 16 chunks or more divide a batch: 481 rows.
const WIDTH: usize = 1 << 14;
const CHUNK: usize = 32;
const ENOUGH: usize = 15 * CHUNK + 1;

fn network(device: &Device) -> Mlp {
    MlpConfig::new(2, vec![WIDTH], 3).init(&mut Noise::seeded(1), device)
}

fn normal<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Noise::seeded(2).normal(shape, device, DType::F32)
}

/// The rows of each chunk, and the result, of a batch and a condition.
fn run(x: Tensor<2>, context: &Tensor<2>, device: &Device) -> (Vec<usize>, Vec<f64>) {
    let seen = Mutex::new(vec![]);
    let y = map_by_chunks(&network(device), context, x, |_, x: Tensor<2>, context| {
        seen.lock().expect("no panic").push(x.dims()[0]);
        x * context.clone()
    });
    let mut seen = seen.into_inner().expect("no panic");
    seen.sort_unstable();
    (seen, host(y))
}

#[test]
fn chunks_are_the_batch() {
    let device = Device::default();
    for rows in [0, 1, CHUNK, ENOUGH - 1, ENOUGH, 16 * CHUNK, 16 * CHUNK + 1] {
        let x = normal([rows, 2], &device);
        for conditions in [1, rows] {
            let context = normal([conditions, 2], &device);
            let (seen, found) = run(x.clone(), &context, &device);
            assert_eq!(seen.iter().sum::<usize>(), rows);
            let chunks = rows.div_ceil(CHUNK);
            assert_eq!(seen.len(), if rows < ENOUGH { 1 } else { chunks }, "{rows}");
            if rows > 0 {
                assert_eq!(found, host(x.clone() * context));
            }
        }
    }
}

#[test]
fn results_have_any_rank_and_number() {
    let (device, rows) = (Device::default(), 700);
    let x = (normal([rows, 2, 2, 1], &device), normal([rows, 2], &device));
    let (y, (sums, single)) = map_by_chunks(&network(&device), &(), x.clone(), |_, (x, z), ()| {
        let sums: Tensor<1> = z.clone().sum_dim(1).reshape([z.dims()[0]]);
        (x * 2.0, (sums, z))
    });
    assert_eq!(host(y), host(x.0 * 2.0));
    assert_eq!(host(single), host(x.1.clone()));
    assert_near(&host(sums), &host(x.1.sum_dim(1)), 1e-6);
}

#[test]
fn a_tape_keeps_the_batch_whole() {
    let plain = Device::default();
    let device = plain.clone().autodiff();
    let x = normal([1000, 2], &plain);
    let count = |device: &Device, x: Tensor<2>| {
        let calls = Mutex::new(0);
        map_by_chunks(&network(device), &(), x, |_, x: Tensor<2>, ()| {
            *calls.lock().expect("no panic") += 1;
            x
        });
        calls.into_inner().expect("no panic")
    };
    assert_eq!(count(&device, x.clone()), 1);
    assert_eq!(count(&plain, x.clone().autodiff().require_grad()), 1);
    assert!(count(&plain, x) > 1);
}

#[test]
fn a_condition_on_a_tape_has_its_gradient() {
    let device = Device::default();
    let x = normal([1000, 2], &device);
    let leaf = |rows| normal([rows, 2], &device).autodiff().require_grad();
    for rows in [1, 1000] {
        let (chunked, whole) = (leaf(rows), leaf(rows));
        let y = map_by_chunks(&network(&device), &chunked, x.clone(), |_, x, context| {
            x * context.clone()
        });
        let expected = x.clone() * whole.clone();
        assert_near(
            &host(y.clone().inner()),
            &host(expected.clone().inner()),
            1e-6,
        );
        let found = chunked.grad(&(y.clone() * y).sum().backward());
        let wanted = whole.grad(&(expected.clone() * expected).sum().backward());
        let host = |gradient: Option<Tensor<2>>| host(gradient.expect("a gradient"));
        assert_near(&host(found), &host(wanted), 1e-4);
    }
}

#[test]
fn two_conditions_may_differ_in_rows() {
    let (device, rows) = (Device::default(), 1000);
    let x = normal([rows, 2], &device);
    let context = (normal([1, 2], &device), normal([rows, 2], &device) + 1.0);
    let y = map_by_chunks(&network(&device), &context, x.clone(), |_, x, (a, b)| {
        x * a.clone() + b.clone()
    });
    assert_eq!(host(y), host(x * context.0 + context.1));
}

#[test]
fn the_error_is_that_of_the_first_chunk_to_fail() {
    let device = Device::default();
    let x = Tensor::<1>::from_floats(
        (0..1000)
            .map(|row| row as f32)
            .collect::<Vec<_>>()
            .as_slice(),
        &device,
    );
    let x = x.reshape([1000, 1]);
    for _ in 0..20 {
        let fail = |_: &Mlp, x: Tensor<2>, (): &()| {
            let last = x.clone().max().into_scalar::<f64>() as usize;
            if last > 300 { Err(last) } else { Ok(x) }
        };
        let found = by_chunks(&network(&device), &(), x.clone(), Work::Fused, fail);
        assert_eq!(found.expect_err("a row above 300"), 10 * CHUNK - 1);
    }
}

#[test]
#[should_panic(expected = "row 999")]
fn a_panic_of_a_chunk_reaches_the_caller() {
    let device = Device::default();
    let x = normal([1000, 2], &device);
    map_by_chunks(&network(&device), &(), x, |_, x: Tensor<2>, ()| {
        assert!(x.dims()[0] == CHUNK, "row 999");
        x
    });
}

#[test]
#[should_panic(expected = "got 7 rows for 1000 samples")]
fn a_condition_has_one_row_or_one_for_each() {
    let device = Device::default();
    run(
        normal([1000, 2], &device),
        &normal([7, 2], &device),
        &device,
    );
}

#[test]
fn chains_are_divided_early_and_finely() {
    let device = Device::default();
    let rows_of = |x: Tensor<2>, work| {
        let seen = Mutex::new(vec![]);
        let Ok(_) = by_chunks(&network(&device), &(), x, work, |_, x: Tensor<2>, ()| {
            seen.lock().expect("no panic").push(x.dims()[0]);
            Ok::<_, std::convert::Infallible>(x)
        });
        seen.into_inner().expect("no panic").len()
    };
    let x = normal([100, 2], &device);
    assert_eq!(rows_of(x.clone(), Work::Fused), 1);
    assert_eq!(rows_of(x.clone(), Work::Chains { copies: 1 }), 7);
    // No fused operation is of f64.
    assert_eq!(rows_of(x.cast(DType::F64), Work::Fused), 7);
}

type Wide = Flow<(DiagonalScale<2>, Coupling<Affine, WithContext<Mlp>>), StandardNormal>;

fn flow(device: &Device) -> Wide {
    let noise = &mut Noise::seeded(1);
    let net = MlpConfig::new(1 + 2, vec![WIDTH], 2).init(noise, device);
    let coupling = Coupling::new(Split::half(), Affine::new(), WithContext::new(net));
    let scale = DiagonalScale::new(2, device);
    scramble(Flow::new((scale, coupling), StandardNormal::new(2)), 0.02)
}

/// On an autodiff device the same flow takes the batch as a whole.
#[test]
fn a_flow_by_chunks_is_the_flow() {
    let device = Device::default();
    let (chunked, whole) = (flow(&device), flow(&device.clone().autodiff()));
    for (rows, conditions) in [(ENOUGH, 1), (600, 600)] {
        let context = normal([conditions, 2], &device);
        let (a, b) = (chunked.given(&context), whole.given(&context));
        let draw = |given: &thalweg_flow::Given<'_, _, _, _>| {
            let noise = &mut Noise::seeded(3);
            let (x, log_prob): (Tensor<2>, LogDet) = given.sample_with_log_prob(rows, 0.7, noise);
            let drawn = given.sample_with_drawn_log_prob(rows, 0.7, &mut Noise::seeded(3));
            assert_near(&host(drawn.0), &host(x.clone()), 0.0);
            assert_near(&host(drawn.1), &host(log_prob.clone()), 1e-4);
            let next = noise.normal::<1>([1], &Device::default(), DType::F32);
            (x, log_prob, host(next))
        };
        let ((x, log_prob, next), (wanted_x, wanted, wanted_next)) = (draw(&a), draw(&b));
        assert_near(&host(x.clone()), &host(wanted_x.inner()), 1e-5);
        assert_near(&host(log_prob), &host(wanted.inner()), 1e-4);
        assert_eq!(next, wanted_next);
        assert_near(&host(a.decode(a.encode(x.clone()))), &host(x), 1e-4);
    }
}

#[test]
fn pieces_of_samples_are_the_samples() {
    let device = Device::default();
    let scale = DiagonalScale::<2>::new(1 << 16, &device);
    let flow = Flow::new(scale, StandardNormal::new(1 << 16));
    let whole = host(flow.sample(130, 1.0, &mut Noise::seeded(4)));
    let noise = &mut Noise::seeded(4);
    let found: Vec<Tensor<2>> = flow.sample_chunks(130, 1.0, noise).collect();
    let rows: Vec<usize> = found.iter().map(|x| x.dims()[0]).collect();
    assert_eq!(rows, [64, 64, 2]);
    assert_eq!(host(Tensor::cat(found, 0)), whole);
    assert_eq!(flow.sample_chunks(0, 1.0, &mut Noise::seeded(4)).count(), 0);
    assert_eq!(
        pieces(5, 1 << 30).collect::<Vec<_>>(),
        [0..1, 1..2, 2..3, 3..4, 4..5]
    );
}
