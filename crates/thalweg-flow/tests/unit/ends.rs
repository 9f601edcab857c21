//! Densities at and beyond the ends of their support, and of a model's own samples at high
//! temperatures.

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::{
    DiagonalNormal, GaussianMixture, StandardLogistic, StandardNormal, UnitCube,
};
use thalweg_flow::{
    ActNorm, Additive, Affine, Base, Bijection, Coupling, DiagonalScale, Exp, Flow, Full, Identity,
    Invert, InvertibleLinear, Logit, Mlp, MlpConfig, Noise, Planar, Plu, Radial, RationalQuadratic,
    SigmoidShift, SoftBounded, Split, TanhLearned, Transformer,
};
use thalweg_laws::{cast, scramble};

const BOTH: [DType; 2] = [DType::F64, DType::F32];

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

fn column(numbers: &[f64], device: &Device, dtype: DType) -> Tensor<2> {
    let data = burn::tensor::TensorData::new(numbers.to_vec(), [numbers.len(), 1]);
    Tensor::from_data(data, (device, dtype))
}

/// The interval that is mapped to all numbers has a density, and nothing else.
#[test]
fn the_logit_has_its_density_up_to_its_ends_and_none_beyond() {
    for device in cpu_devices() {
        for dtype in BOTH {
            let log_prob = |alpha: f64, x: &[f64]| {
                let flow = Flow::new(Logit::<2>::new(alpha), StandardNormal::new(1));
                host(flow.log_prob(column(x, &device, dtype)))
            };
            let outside = [1.2, -0.06, 1.06, 1e3, -1e30, -1e-300, 3e38];
            let beyond = [1.2, -0.06, 1.06, 1e3, -1e30];
            assert_eq!(log_prob(0.05, &beyond), [f64::NEG_INFINITY; 5]);
            let outside = outside.map(|x| if x == -1e-300 { -1e-30 } else { x });
            assert_eq!(log_prob(0.0, &outside), [f64::NEG_INFINITY; 7]);
            assert_eq!(log_prob(0.0, &[0.0, 1.0]), [f64::NEG_INFINITY; 2]);
            let inside = log_prob(0.05, &[-0.05, -0.02, 0.0, 1.0, 1.02, 1.05]);
            assert!(inside.iter().all(|l| l.is_finite()), "{inside:?}");
            // y = 0.9 · −0.02 + 0.05, and the density of the logistic normal at it.
            let y: f64 = 0.9 * -0.02 + 0.05;
            let z = (y / (1.0 - y)).ln();
            let wanted =
                -0.5 * z * z - 0.5 * std::f64::consts::TAU.ln() + (0.9 / (y * (1.0 - y))).ln();
            assert!((inside[1] - wanted).abs() < 1e-4, "{} {wanted}", inside[1]);
        }
    }
}

/// The density of `Logit(α)` over its interval is one: nothing is lost at its ends.
#[test]
fn the_density_before_a_logit_sums_to_one() {
    let device = Device::default();
    for alpha in [0.0, 0.05] {
        let beyond = alpha / (1.0 - 2.0 * alpha);
        let cells = 20_000;
        let width = (1.0 + 2.0 * beyond) / f64::from(cells);
        let x: Vec<f64> = (0..cells)
            .map(|cell| -beyond + (f64::from(cell) + 0.5) * width)
            .collect();
        let flow = Flow::new(Logit::<2>::new(alpha), StandardNormal::new(1));
        let log_prob = host(flow.log_prob(column(&x, &device, DType::F64)));
        let total: f64 = log_prob.iter().map(|l| l.exp() * width).sum();
        assert!((total - 1.0).abs() < 1e-3, "{total}");
    }
}

/// Beside 1, f32 has numbers up to 1 − 2⁻²⁴, which is z = 16.6; that is where larger ones go.
#[test]
fn latents_come_back_from_a_logit_as_far_as_there_are_numbers() {
    for device in cpu_devices() {
        for (dtype, last) in [(DType::F32, 16.635_532), (DType::F64, 36.736_8)] {
            let logit = Logit::<2>::new(0.0);
            let z = [17.0, 20.0, 40.0, 1e3, 1e30, -17.0, -60.0, -80.0];
            let (x, _) = logit.inverse(column(&z, &device, dtype), &());
            let (back, log_det) = logit.forward(x.clone(), &());
            assert!(host(x).iter().all(|x| *x > 0.0 && *x < 1.0));
            assert!(host(log_det).iter().all(|l| l.is_finite()));
            for (z, back) in z.iter().zip(host(back)) {
                let wanted = z.min(last);
                // Next to 1 the numbers are so far apart: half an ulp of x.
                let step = 0.5 * if dtype == DType::F32 { 6e-8 } else { 1.2e-16 };
                let tolerance = 1e-4 + 2.0 * step * wanted.max(0.0).exp();
                let tolerance = if *z < last { tolerance } else { 1e-3 };
                assert!(
                    (back - wanted).abs() < tolerance,
                    "{z}: {back}, not {wanted}"
                );
            }
        }
    }
}

#[test]
fn the_gradient_of_a_logit_is_a_number_beside_and_beyond_its_ends() {
    for device in cpu_devices() {
        for alpha in [0.0, 0.05] {
            let flow = Flow::new(Logit::<2>::new(alpha), StandardNormal::new(1));
            let x = [-0.1, 0.0, 1e-30, 0.5, 1.0 - 1e-7, 1.0, 1.2, 1e30];
            let x = column(&x, &device.clone().autodiff(), DType::F32).require_grad();
            let gradients = flow.log_prob(x.clone()).sum().backward();
            let gradient = host(x.grad(&gradients).unwrap());
            assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
            assert_eq!([gradient[0], gradient[6]], [0.0, 0.0]);
        }
    }
}

const FEATURES: usize = 4;

fn net(outputs: usize, device: &Device) -> Mlp {
    MlpConfig::new(FEATURES / 2, vec![8], outputs).init(&mut Noise::seeded(1), device)
}

fn coupling<T: Transformer>(transformer: T, device: &Device) -> Coupling<T, Mlp> {
    let outputs = transformer.parameters_per_feature() * FEATURES / 2;
    Coupling::new(Split::half(), transformer, net(outputs, device))
}

/// What `sample_with_log_prob` says of a sample is what `log_prob` says of it, at each temperature up
/// to 4, and a number.
fn own_samples<B, P>(bijection: &dyn Fn(&Device) -> B, base: impl Fn(&Device) -> P)
where
    B: Bijection<Data = Tensor<2>, Latent = Tensor<2>>,
    P: Base<Latent = Tensor<2>>,
{
    for device in cpu_devices() {
        for (dtype, tolerance) in [(DType::F64, 1e-9), (DType::F32, 1e-4)] {
            let flow = scramble(Flow::new(bijection(&device), base(&device)), 0.3);
            let flow = cast(flow, dtype).expect("a sound device");
            for temperature in [0.0, 1.0, 2.0, 4.0] {
                let mut noise = Noise::seeded(3);
                let (x, said) = flow.sample_with_log_prob(200, temperature, &mut noise);
                let found = host(flow.log_prob(x.clone()));
                assert!(host(x).iter().all(|x| x.is_finite()));
                for (said, found) in host(said).into_iter().zip(found) {
                    let distance = (said - found).abs() / found.abs().max(1.0);
                    assert!(
                        distance <= tolerance && !found.is_nan() && found < f64::INFINITY,
                        "{said} and {found} at temperature {temperature} in {dtype:?}"
                    );
                }
            }
        }
    }
}

/// The same of a layer in front of each base.
fn own_samples_of<B>(bijection: impl Fn(&Device) -> B)
where
    B: Bijection<Data = Tensor<2>, Latent = Tensor<2>>,
{
    own_samples(&bijection, |_| StandardNormal::new(FEATURES));
    own_samples(&bijection, |_| StandardLogistic::new(FEATURES));
    own_samples(&bijection, |device| DiagonalNormal::new(FEATURES, device));
    own_samples(&bijection, |device| {
        GaussianMixture::new(3, FEATURES, &mut Noise::seeded(2), device)
    });
}

#[test]
fn own_samples_of_couplings() {
    own_samples_of(|device| coupling(Additive::new(), device));
    own_samples_of(|device| coupling(Affine::with_scale_map(SoftBounded::default()), device));
    own_samples_of(|device| coupling(Affine::with_scale_map(Exp {}), device));
    own_samples_of(|device| coupling(Affine::with_scale_map(SigmoidShift::default()), device));
    own_samples_of(|device| {
        let map = TanhLearned::new(FEATURES / 2, device);
        coupling(Affine::with_scale_map(map), device)
    });
}

#[test]
fn own_samples_of_splines_within_and_beyond_their_interval() {
    own_samples_of(|device| coupling(RationalQuadratic::default(), device));
    own_samples_of(|device| coupling(RationalQuadratic::new(3, 0.5), device));
    own_samples_of(|device| coupling(RationalQuadratic::circular(4, 3.0), device));
}

#[test]
fn own_samples_at_the_ends_of_a_logit() {
    for alpha in [0.0, 0.05, 0.3] {
        own_samples_of(|device| {
            (
                Logit::<2>::new(alpha),
                coupling(Affine::new(), device),
                ActNorm::new(FEATURES, device),
            )
        });
    }
    own_samples_of(|device| {
        let scale = DiagonalScale::<2>::new(FEATURES, device);
        (scale, Logit::<2>::new(0.0).inverted(), Logit::<2>::new(0.0))
    });
}

#[test]
fn own_samples_of_other_layers() {
    let noise = || Noise::seeded(5);
    own_samples_of(|device| InvertibleLinear::new(Plu::rotation(FEATURES, &mut noise(), device)));
    own_samples_of(|device| InvertibleLinear::new(Full::rotation(FEATURES, &mut noise(), device)));
    own_samples_of(|device| Planar::new(FEATURES, &mut noise(), device));
    own_samples_of(|device| Radial::new(FEATURES, &mut noise(), device));
    own_samples_of(|_| Identity::<2> {});
}

/// Beyond temperature 1 some of them lie outside, where both say −∞.
#[test]
fn own_samples_of_the_cube() {
    for device in cpu_devices() {
        let flow = Flow::new(ActNorm::new(2, &device), UnitCube::new(2));
        let (x, said) = flow.sample_with_log_prob(100, 4.0, &mut Noise::seeded(1));
        assert_eq!(host(said.clone()), host(flow.log_prob(x)));
        assert!(host(said).contains(&f64::NEG_INFINITY));
    }
}

/// All components underflow, and no difference of infinities is taken.
#[test]
fn a_mixture_far_from_all_its_components_has_no_density() {
    for device in cpu_devices() {
        for (dtype, far) in [(DType::F32, 1e20), (DType::F64, 1e200)] {
            let mixture = GaussianMixture::new(3, 2, &mut Noise::seeded(1), &device);
            let mixture = cast(mixture, dtype).expect("a sound device");
            let z = Tensor::<2>::full([2, 2], far, (&device, dtype));
            let found = host(Base::<()>::log_prob(&mixture, z, &()));
            assert_eq!(found, [f64::NEG_INFINITY; 2]);
        }
    }
}
