//! The Gaussian head, the likelihoods, the losses and the bounds.

use crate::common::{assert_close, host, mean};
use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::numerics::sum_features;
use thalweg_flow::{Bijection, LogDet, Noise, WeightInit};
use thalweg_laws::{Sample, bijection_laws, normal};
use thalweg_models::variational::{
    Bernoulli, Binarization, DiscretizedLogistic, Elbo, ElboLoss, FixedDeviation, Gaussian,
    GaussianHead, KlForm, Likelihood, LikelihoodStyle, Reparametrize, importance_bound,
    log_mean_exp,
};

fn rows<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    Noise::seeded(seed).normal(shape, device, DType::F64)
}

/// [`Reparametrize`] given means and log-variances in one tensor, as the laws give contexts.
#[derive(Module, Debug)]
struct Given {
    map: Reparametrize,
}

impl Bijection<Tensor<2>> for Given {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, u: Tensor<2>, parameters: &Tensor<2>) -> (Tensor<2>, LogDet) {
        let density = Gaussian::from_parameters(parameters.clone());
        self.map.forward(u, &density)
    }

    fn inverse(&self, z: Tensor<2>, parameters: &Tensor<2>) -> (Tensor<2>, LogDet) {
        let density = Gaussian::from_parameters(parameters.clone());
        self.map.inverse(z, &density)
    }
}

bijection_laws! {
    devices: cpu_devices();
    reparametrize: |_| Given { map: Reparametrize {} },
        data: normal([4, 3]), context: normal([4, 6]),
        skip: [
            every_parameter_has_gradient("it has no parameter"),
            compiled_agrees("its context is a density"),
        ];
}

#[test]
fn both_divergences_agree_in_expectation() {
    let device = Device::default();
    let density = Gaussian::from_parameters(rows::<2>([1, 6], 1, &device));
    let n = 200_000;
    let u = rows::<2>([n, 3], 2, &device);
    let found = density.draw_at(KlForm::MonteCarlo, u).kl;
    let deviation = host(found.clone().var(0).sqrt());
    let found = host(found.mean_dim(0));
    let wanted = host(density.kl());
    for ((found, wanted), deviation) in found.iter().zip(&wanted).zip(deviation) {
        let error = deviation / (n as f64).sqrt();
        assert!(
            (found - wanted).abs() < 4.0 * error,
            "{found} is not {wanted} ± {error}"
        );
    }
}

#[test]
fn the_divergence_is_the_integral() {
    // ∫ q ln(q/p) by a sum over a fine grid.
    let (device, mu, log_variance) = (Device::default(), 0.7, -1.3f64);
    let sigma = (log_variance / 2.0).exp();
    let step = 1e-4;
    let integral: f64 = (-120_000..=120_000)
        .map(|i| {
            let z = f64::from(i) * step;
            let ln_q = -0.5 * ((z - mu) / sigma).powi(2) - sigma.ln();
            let q = ln_q.exp() / std::f64::consts::TAU.sqrt();
            q * (ln_q + 0.5 * z * z) * step
        })
        .sum();
    let one = |value| Tensor::<2>::full([1, 1], value, (&device, DType::F64));
    let found = host(Gaussian::new(one(mu), one(log_variance)).kl());
    assert_close(&found, &[integral], 1e-8);
}

#[test]
fn log_variances_are_bounded_for_sample_and_divergence_alike() {
    for device in cpu_devices() {
        let given = [-1e30, -200.0, -10.0, -3.0, 0.0, 9.5, 11.0, 200.0, 1e30];
        let log_variance = Tensor::<1>::from_floats(given, &device).unsqueeze::<2>();
        let density = Gaussian::new(log_variance.zeros_like(), log_variance);
        let found = host(density.log_variance());
        // To the bit inside.
        assert_eq!(found[2..6], [-10.0, -3.0, 0.0, 9.5]);
        for (value, bound) in [(0, -14.0), (1, -14.0), (7, 14.0), (8, 14.0)] {
            assert!((found[value] - bound).abs() < 1e-4, "{found:?}");
        }
        assert!(found[6] > 10.5 && found[6] < 11.0);
        let draw = density.draw(KlForm::Analytic, &mut Noise::seeded(0));
        for value in host(draw.z).into_iter().chain(host(draw.kl)) {
            assert!(value.is_finite());
        }
    }
}

#[test]
fn a_bounded_log_variance_keeps_a_gradient() {
    let device = Device::default().autodiff();
    let given = Tensor::<2>::from_floats([[5.0, 10.0, 12.0]], &device).require_grad();
    let density = Gaussian::new(given.zeros_like(), given.clone());
    let gradients = density.log_variance().sum().backward();
    let found = host(given.grad(&gradients).unwrap());
    let beyond = 1.0 - 0.5f64.tanh().powi(2);
    assert_close(&found, &[1.0, 1.0, beyond], 1e-6);
}

#[test]
fn the_map_to_the_sample_is_the_sample() {
    let device = Device::default();
    let shape = [4, 3];
    let density = Gaussian::new(rows(shape, 3, &device), rows(shape, 4, &device));
    let u = normal(shape).sample(&device, DType::F64, 5);
    let map = Reparametrize::<2> {};
    let (z, log_det) = map.forward(u.clone(), &density);
    let draw = density.draw_at(KlForm::MonteCarlo, u.clone());
    assert_eq!(host(z.clone()), host(draw.z.clone()));
    assert_close(
        &host(log_det.clone()),
        &host(sum_features(density.deviation().log())),
        1e-12,
    );
    let (back, inverse) = map.inverse(z, &density);
    assert_close(&host(back), &host(u), 1e-12);
    assert_close(&host(inverse.neg()), &host(log_det), 1e-12);
}

#[test]
fn a_head_starts_where_it_is_told_to() {
    for device in cpu_devices() {
        for device in [device.clone(), device.autodiff()] {
            let head = GaussianHead::new([3, 2], WeightInit::Zero, &mut Noise::seeded(0), &device)
                .with_log_variance(-9.0);
            let density = head.forward(Tensor::ones([1, 3], &device));
            assert_eq!(host(density.mean()), [0.0, 0.0]);
            assert_eq!(host(density.log_variance()), [-9.0, -9.0]);
        }
    }
}

#[test]
fn likelihoods_are_their_formulas() {
    for device in cpu_devices() {
        let from = |numbers: [f64; 4]| {
            let data = burn::tensor::TensorData::new(numbers.to_vec(), [2, 2]);
            Tensor::<2>::from_data(data, (&device, DType::F64))
        };
        let output: [f64; 4] = [0.3, -1.2, 2.0, 40.0];
        let pair = |term: [f64; 4]| [term[0] + term[1], term[2] + term[3]];

        let bernoulli = Likelihood::Bernoulli(Bernoulli {});
        let x = [1.0, 0.0, 0.0, 1.0];
        let term = |i: usize| {
            let p = 1.0 / (1.0 + (-output[i]).exp());
            if x[i] == 1.0 { p.ln() } else { (1.0 - p).ln() }
        };
        let found = host(bernoulli.log_prob(from(x), from(output)));
        assert_close(&found, &pair([0, 1, 2, 3].map(term)), 1e-10);

        let log_deviation = Tensor::full([1], -0.5, (&device, DType::F64));
        let gaussian = Likelihood::Gaussian(FixedDeviation::from_log_deviation(log_deviation));
        let x = [0.1, -1.0, 2.5, 38.0];
        let term = |i: usize| {
            let standard = (x[i] - output[i]) / (-0.5f64).exp();
            -0.5 * standard * standard + 0.5 - 0.5 * std::f64::consts::TAU.ln()
        };
        let found = host(gaussian.log_prob(from(x), from(output)));
        assert_close(&found, &pair([0, 1, 2, 3].map(term)), 1e-12);
    }
}

#[test]
fn the_probabilities_of_all_levels_sum_to_one() {
    for device in cpu_devices() {
        let levels = 5;
        for scale in [-6.0, -1.0, 1.0] {
            let log_scale = Tensor::full([1], scale, (&device, DType::F64));
            let density = DiscretizedLogistic::new(levels, log_scale);
            let density = Likelihood::DiscretizedLogistic(density);
            for mean in [-0.7, 0.31, 0.5, 1.4] {
                let x: Vec<f64> = (0..levels).map(|l| (f64::from(l) + 0.5) / 5.0).collect();
                let x = burn::tensor::TensorData::new(x, [5, 1]);
                let x = Tensor::<2>::from_data(x, (&device, DType::F64));
                let mean = x.full_like(mean);
                let found = host(density.log_prob(x, mean));
                let total: f64 = found.iter().map(|log| log.exp()).sum();
                assert!((total - 1.0).abs() < 1e-12, "{total} at scale {scale}");
            }
        }
    }
}

#[test]
fn a_narrow_logistic_density_far_away_stays_finite() {
    let device = Device::default().autodiff();
    let log_scale = Tensor::full([1], -9.0, &device);
    let density = Likelihood::DiscretizedLogistic(DiscretizedLogistic::new(256, log_scale));
    let x = Tensor::<2>::from_floats([[0.5 / 256.0, 100.5 / 256.0, 255.5 / 256.0]], &device);
    let mean = Tensor::<2>::from_floats([[3.0, -2.0, -3.0]], &device).require_grad();
    let found = density.log_prob(x, mean.clone());
    assert!(host(found.clone())[0].is_finite());
    let gradient = mean.grad(&found.backward()).unwrap();
    assert!(host(gradient).iter().all(|g| g.is_finite()));
}

#[test]
fn free_bits_and_beta_are_read_at_each_call() {
    let device = Device::default();
    let elbo = || Elbo {
        log_likelihood: Tensor::<1>::from_floats([-10.0, -30.0], &device),
        // On average 0.2 and 3.
        kl: Tensor::<2>::from_floats([[0.1, 2.0], [0.3, 4.0]], &device),
    };
    let mut loss = ElboLoss::default();
    assert_close(&host(loss.of(elbo())), &[20.0 + 3.2], 1e-6);
    loss.beta = 0.5;
    assert_close(&host(loss.of(elbo())), &[20.0 + 1.6], 1e-6);
    loss.free_nats = 1.0;
    assert_close(&host(loss.of(elbo())), &[20.0 + 0.5 * (1.0 + 3.0)], 1e-6);
    assert_close(&host(elbo().bound()), &[-12.1, -34.3], 1e-6);
}

#[test]
fn the_bound_in_chunks_is_the_bound_at_once() {
    let device = Device::default();
    // Far apart, so that a sum of plain exponentials would be 0 or infinite.
    let weights = rows::<2>([23, 3], 6, &device) * 300.0 - 800.0;
    let at_once = host(log_mean_exp(weights.clone()));
    let mut next = 0;
    let in_chunks = importance_bound(23, 5, |n| {
        let chunk = weights.clone().narrow(0, next, n);
        next += n;
        Ok(chunk)
    });
    assert_eq!(next, 23);
    assert_close(&in_chunks.unwrap(), &at_once, 1e-12);
    let impossible = importance_bound(4, 4, |n| {
        Ok(Tensor::full(
            [n, 1],
            f64::NEG_INFINITY,
            (&device, DType::F64),
        ))
    });
    assert_eq!(impossible.unwrap(), [f64::NEG_INFINITY]);
}

#[test]
fn binarizations_do_what_they_are_called() {
    for device in cpu_devices() {
        let grey = Tensor::<2>::full([40, 100], 64.0, &device);
        let noise = || Noise::seeded(7);
        let share = |x: Tensor<2>| mean(&host(x));

        let dynamic = Binarization::Dynamic;
        assert_eq!(
            host(dynamic.prepare(grey.clone(), 256, &mut noise()).unwrap()),
            host(grey.clone())
        );
        let mut source = noise();
        let one = dynamic.apply(grey.clone(), 256, &mut source).unwrap();
        let other = dynamic.apply(grey.clone(), 256, &mut source).unwrap();
        assert_ne!(host(one.clone()), host(other));
        assert!((share(one) - 64.0 / 255.0).abs() < 0.03);

        let once = Binarization::Static
            .prepare(grey.clone(), 256, &mut noise())
            .unwrap();
        assert!((share(once.clone()) / 255.0 - 64.0 / 255.0).abs() < 0.03);
        let used = Binarization::Static
            .apply(once.clone(), 256, &mut noise())
            .unwrap();
        assert_eq!(host(used), host(once / 255.0));

        let black = Binarization::Threshold
            .apply(grey, 256, &mut noise())
            .unwrap();
        assert_eq!(share(black), 0.0);
        // Black stays black and white white, to the last draw.
        for (level, x) in [(0.0, 0.0), (255.0, 1.0)] {
            let plain = Tensor::<2>::full([100, 100], level, &device);
            assert_eq!(share(dynamic.apply(plain, 256, &mut noise()).unwrap()), x);
        }
    }
    let name = LikelihoodStyle::Bernoulli(Binarization::Dynamic).to_string();
    assert_eq!(name, "Bernoulli, dynamic binarization");
}
