//! Densities of whole flows.

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::{DiagonalNormal, StandardNormal, UnitCube};
use thalweg_flow::precision::cast;
use thalweg_flow::{
    Affine, Coupling, DiagonalScale, Flow, Identity, Logit, Mlp, MlpConfig, Noise, Placement,
    Reverse, Split, WithContext,
};
use thalweg_laws::scramble;

use crate::host::{assert_near, deviation, grid, host, mean};

type Layer<N> = Coupling<Affine, N>;
type Density = Flow<(Layer<Mlp>, Reverse, Layer<Mlp>), StandardNormal>;

fn mlp(inputs: usize, seed: u64, device: &Device) -> Mlp {
    MlpConfig::new(inputs, vec![6], 2).init(&mut Noise::seeded(seed), device)
}

fn density(device: &Device, dtype: DType) -> Density {
    let layer = |seed| Coupling::new(Split::half(), Affine::new(), mlp(1, seed, device));
    let bijection = (layer(1), Reverse {}, layer(2));
    cast(
        scramble(Flow::new(bijection, StandardNormal::new(2)), 0.3),
        dtype,
    )
    .expect("sound f64")
}

type Conditional = Flow<Layer<WithContext<Mlp>>, DiagonalNormal>;

fn conditional(device: &Device) -> Conditional {
    let network = WithContext::new(mlp(1 + 3, 3, device));
    let layer = Coupling::new(Split::half(), Affine::new(), network);
    scramble(Flow::new(layer, DiagonalNormal::new(2, device)), 0.3)
}

#[test]
fn the_density_integrates_to_one() {
    let flow = density(&Device::default(), DType::F64);
    let (points, cell) = grid([-15.0, 15.0], 200, 2, &Device::default());
    let total: f64 = host(flow.log_prob(points))
        .iter()
        .map(|l| l.exp() * cell)
        .sum();
    assert_near(&[total], &[1.0], 1e-3);
}

#[test]
fn samples_follow_the_density() {
    let flow = density(&Device::default(), DType::F64);
    let (points, cell) = grid([-15.0, 15.0], 200, 2, &Device::default());
    let weights = host(flow.log_prob(points.clone()));
    let x = flow.sample(20_000, 1.0, &mut Noise::seeded(5));
    for feature in 0..2 {
        let along = host(points.clone().narrow(1, feature, 1));
        let moment = |power: i32| -> f64 {
            let terms = along.iter().zip(&weights);
            terms.map(|(x, l)| x.powi(power) * l.exp() * cell).sum()
        };
        let drawn = host(x.clone().narrow(1, feature, 1));
        let wanted = (moment(2) - moment(1).powi(2)).sqrt();
        assert_near(&[mean(&drawn)], &[moment(1)], 0.03);
        assert_near(&[deviation(&drawn)], &[wanted], 0.03);
    }
}

#[test]
fn samples_come_with_the_density_that_the_flow_gives_them() {
    for device in cpu_devices() {
        for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, 1e-4)] {
            let flow = density(&device, dtype);
            for temperature in [1.0, 0.6] {
                let mut noise = Noise::seeded(4);
                let (x, log_prob) = flow.sample_with_log_prob(20, temperature, &mut noise);
                let same = flow.sample(20, temperature, &mut Noise::seeded(4));
                assert_eq!(host(x.clone()), host(same));
                assert_near(&host(log_prob), &host(flow.log_prob(x.clone())), tolerance);
                let noise = &mut Noise::seeded(4);
                let (same, drawn) = flow.sample_with_drawn_log_prob(20, temperature, noise);
                assert_eq!(host(same), host(x.clone()));
                assert_near(&host(drawn), &host(flow.log_prob(x)), tolerance);
            }
        }
    }
}

/// Beside 1 numbers are far apart: the sample of a latent of 30 is that of 16.6.
#[test]
fn the_density_of_a_draw_is_that_before_rounding() {
    for device in cpu_devices() {
        let steep = DiagonalScale::<2>::new(1, &device);
        let flow = Flow::new((Logit::<2>::new(0.0), steep), StandardNormal::new(1));
        let (x, said) = flow.sample_with_drawn_log_prob(20, 30.0, &mut Noise::seeded(1));
        let noise = &mut Noise::seeded(1);
        let z = host(noise.normal::<2>([20, 1], &device, DType::F32) * 30.0);
        // ln p(z) − ln σ'(z)
        let wanted = |z: &f64| {
            let log_slope = -z.abs() - 2.0 * (-z.abs()).exp().ln_1p();
            -0.5 * z * z - 0.918_938_533 - log_slope
        };
        let wanted: Vec<f64> = z.iter().map(wanted).collect();
        assert_near(&host(said.clone()), &wanted, 1e-4);
        let farthest = host((said - flow.log_prob(x)).abs().max())[0];
        assert!(farthest > 10.0, "{farthest}");
    }
}

#[test]
fn decode_undoes_encode() {
    for device in cpu_devices() {
        let flow = density(&device, DType::F64);
        let x = Noise::seeded(1).normal([10, 2], &device, DType::F64);
        let back = flow.decode(flow.encode(x.clone()));
        assert_near(&host(back), &host(x), 1e-12);
    }
}

#[test]
fn samples_are_made_where_the_parameters_are() {
    for device in cpu_devices() {
        for device in [device.clone(), device.autodiff()] {
            for dtype in [DType::F64, DType::F32] {
                let flow = density(&device, dtype);
                let (x, log_prob) = flow.sample_with_log_prob(3, 1.0, &mut Noise::seeded(1));
                assert_eq!((x.dtype(), x.device()), (dtype, device.clone()));
                assert_eq!(
                    (log_prob.dtype(), log_prob.device()),
                    (dtype, device.clone())
                );
            }
        }
    }
}

#[test]
fn without_parameters_samples_are_made_on_the_default_device() {
    let flow = Flow::new(Identity::<2> {}, UnitCube::new(2));
    let Placement { device, dtype } = flow.placement();
    assert_eq!((device, dtype), (Device::default(), DType::F32));
    assert_eq!(flow.sample(3, 1.0, &mut Noise::seeded(1)).dims(), [3, 2]);
}

#[test]
fn a_temperature_of_zero_gives_the_centre() {
    let device = Device::default();
    let flow = density(&device, DType::F64);
    let x = flow.sample(2, 0.0, &mut Noise::seeded(1));
    let centre = flow.decode(Tensor::zeros([2, 2], (&device, DType::F64)));
    assert_eq!(host(x), host(centre));
}

#[test]
#[should_panic(expected = "a temperature is a finite number from 0 on, got -1")]
fn a_temperature_below_zero_is_refused() {
    density(&Device::default(), DType::F32).sample(1, -1.0, &mut Noise::seeded(1));
}

#[test]
#[should_panic(expected = "got NaN")]
fn a_temperature_of_nan_is_refused() {
    density(&Device::default(), DType::F32).sample(1, f64::NAN, &mut Noise::seeded(1));
}

#[test]
fn a_flow_given_a_context_uses_it_in_every_method() {
    for device in cpu_devices() {
        let flow = conditional(&device);
        let mut noise = Noise::seeded(2);
        let context = noise.normal([6, 3], &device, DType::F32);
        let other = noise.normal([6, 3], &device, DType::F32);
        let x = noise.normal([6, 2], &device, DType::F32);
        let (given, given_other) = (flow.given(&context), flow.given(&other));

        assert_near(
            &host(given.decode(given.encode(x.clone()))),
            &host(x.clone()),
            1e-5,
        );
        assert_ne!(
            host(given.encode(x.clone())),
            host(given_other.encode(x.clone()))
        );
        assert_ne!(
            host(given.decode(x.clone())),
            host(given_other.decode(x.clone()))
        );
        assert_ne!(
            host(given.log_prob(x.clone())),
            host(given_other.log_prob(x))
        );

        let sample =
            |context: &Tensor<2>| flow.given(context).sample(6, 1.0, &mut Noise::seeded(3));
        assert_ne!(host(sample(&context)), host(sample(&other)));
        let (x, log_prob) = given.sample_with_log_prob(6, 1.0, &mut Noise::seeded(3));
        assert_eq!(host(x.clone()), host(sample(&context)));
        assert_near(&host(log_prob), &host(given.log_prob(x.clone())), 1e-4);
        let (same, drawn) = given.sample_with_drawn_log_prob(6, 1.0, &mut Noise::seeded(3));
        assert_eq!(host(same), host(x.clone()));
        assert_near(&host(drawn), &host(given.log_prob(x)), 1e-4);
    }
}
