//! PyTorch's numbers of a VAE with fixed noise: posterior, bound, importance-weighted bound and
//! gradients, to 1e-10 in f64 and 1e-5 in f32. `golden/README.md` says where they come from.

use std::collections::BTreeMap;

use crate::common::{assert_close, gradients, host};
use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{DType, Device, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors};
use thalweg_device::cpu_devices;
use thalweg_flow::numerics::sum_features;
use thalweg_flow::{Activation, Mlp, Network};
use thalweg_models::vae::Autoencoder;
use thalweg_models::variational::{
    Bernoulli, ElboLoss, FixedDeviation, GaussianHead, KlForm, Likelihood, log_mean_exp,
};

/// One reference file on one device.
struct File {
    tensors: BTreeMap<String, (Vec<usize>, Vec<f64>)>,
    dtype: DType,
    device: Device,
}

impl File {
    fn open(case: &str, dtype: DType, device: Device) -> Self {
        let suffix = if dtype == DType::F64 { "f64" } else { "f32" };
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let bytes = std::fs::read(folder.join(format!("{case}.{suffix}.safetensors"))).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let tensors = file.iter().map(|(name, view)| {
            let bytes = view.data();
            let numbers = match view.dtype() {
                Dtype::F64 => {
                    let (chunks, _) = bytes.as_chunks();
                    chunks.iter().map(|b| f64::from_le_bytes(*b)).collect()
                }
                _ => {
                    let (chunks, _) = bytes.as_chunks();
                    let number = |b: &[u8; 4]| f64::from(f32::from_le_bytes(*b));
                    chunks.iter().map(number).collect()
                }
            };
            (name.to_owned(), (view.shape().to_vec(), numbers))
        });
        Self {
            tensors: tensors.collect(),
            dtype,
            device,
        }
    }

    fn tensor<const D: usize>(&self, name: &str) -> Tensor<D> {
        let (shape, numbers) = &self.tensors[name];
        let data = TensorData::new(numbers.clone(), shape.clone());
        Tensor::from_data(data, (&self.device, self.dtype))
    }

    fn linear(&self, name: &str) -> Linear {
        let device = self.device.clone().autodiff();
        let load = |name: String| {
            let (shape, numbers) = &self.tensors[&name];
            TensorData::new(numbers.clone(), shape.clone())
        };
        let weight = load(format!("param.{name}.weight"));
        let weight = Tensor::<2>::from_data(weight, (&self.device, self.dtype)).transpose();
        let bias = load(format!("param.{name}.bias"));
        let bias = Tensor::<1>::from_data(bias, (&device, self.dtype));
        Linear {
            weight: Param::from_tensor(Tensor::from_data(
                weight.into_data(),
                (&device, self.dtype),
            )),
            bias: Some(Param::from_tensor(bias)),
        }
    }

    #[track_caller]
    fn near(&self, name: &str, found: &[f64]) {
        let tolerance = if self.dtype == DType::F64 {
            1e-10
        } else {
            1e-5
        };
        assert_close(found, &self.tensors[name].1, tolerance);
    }

    fn model(&self, likelihood: Likelihood) -> Autoencoder<Mlp, Mlp> {
        let layers = |names: &[&str]| {
            let layers = names.iter().map(|name| self.linear(name)).collect();
            Mlp::from_layers(layers, Activation::Tanh)
        };
        Autoencoder {
            encoder: layers(&["enc"]).with_output_activation(Activation::Tanh),
            head: GaussianHead::from_layers(self.linear("mu"), self.linear("logvar")),
            decoder: layers(&["dec1", "dec2"]),
            likelihood,
        }
    }

    /// The gradient of each layer under the library's names.
    #[track_caller]
    fn near_gradients(&self, prefix: &str, found: &BTreeMap<String, Vec<f64>>) {
        for (ours, theirs) in [
            ("encoder.layers.0", "enc"),
            ("decoder.layers.0", "dec1"),
            ("decoder.layers.1", "dec2"),
        ] {
            for part in ["weight", "bias"] {
                self.near(
                    &format!("{prefix}.{theirs}.{part}"),
                    &found[&format!("{ours}.{part}")],
                );
            }
        }
        // Means and log-variances come from one layer here.
        for part in ["weight", "bias"] {
            let joint = &found[&format!("head.linear.{part}")];
            let (mean, log_variance) = joint.split_at(joint.len() / 2);
            self.near(&format!("{prefix}.mu.{part}"), mean);
            self.near(&format!("{prefix}.logvar.{part}"), log_variance);
        }
    }
}

fn compare(case: &str, likelihood: impl Fn(&File) -> Likelihood) {
    for device in cpu_devices() {
        for dtype in [DType::F64, DType::F32] {
            let file = File::open(case, dtype, device.clone());
            let model = file.model(likelihood(&file));
            let x = file.tensor::<2>("x");
            let posterior = model.posterior(x.clone(), &());
            file.near("mu", &host(posterior.mean()));
            file.near("logvar", &host(posterior.log_variance()));
            let z = posterior.draw_at(KlForm::Analytic, file.tensor("eps")).z;
            file.near("z", &host(z.clone()));
            file.near("dec_out", &host(model.decoder.apply(z, &())));

            let elbo = model.elbo_at(x.clone(), &(), KlForm::Analytic, file.tensor("eps"));
            file.near("recon", &host(elbo.log_likelihood.clone()));
            file.near("kl", &host(sum_features(elbo.kl.clone())));
            file.near("elbo", &host(elbo.bound()));
            let beta = ElboLoss {
                beta: 4.0,
                ..ElboLoss::default()
            };
            file.near("beta4.loss", &host(beta.of(elbo.clone())));
            let loss = ElboLoss::default().of(elbo);
            file.near("loss", &host(loss.clone()));
            file.near_gradients("grad", &gradients(&model, &loss.backward()));

            let weights = model.log_weights(x, &(), file.tensor("eps_k"));
            file.near("iwae.log_w", &host(weights.clone()));
            file.near("iwae.elbo_k", &host(weights.clone().mean_dim(0)));
            let bound = log_mean_exp(weights);
            file.near("iwae.iwae", &host(bound.clone()));
            let loss = bound.mean().neg();
            file.near("iwae.loss", &host(loss.clone()));
            file.near_gradients("iwae.grad", &gradients(&model, &loss.backward()));
        }
    }
}

#[test]
fn bernoulli() {
    compare("vae_bernoulli", |_| Likelihood::Bernoulli(Bernoulli {}));
}

#[test]
fn gaussian() {
    compare("vae_gaussian", |file| {
        let unit = Tensor::zeros([1], (&file.device.clone().autodiff(), file.dtype));
        Likelihood::Gaussian(FixedDeviation::from_log_deviation(unit))
    });
}
