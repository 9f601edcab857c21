//! Checkpoints that are no model.

use std::collections::BTreeMap;

use burn::tensor::{DType, Device};
use safetensors::tensor::{TensorView, serialize};
use safetensors::{Dtype, SafeTensors};
use thalweg_convert::{ConvertError, Options, Source, convert_bytes};

use crate::vectors;

type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

/// The tensors of a case.
fn tensors(name: &str) -> Tensors {
    let bytes = std::fs::read(vectors(name)).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let owned = |(name, view): (String, TensorView<'_>)| {
        let of = (view.dtype(), view.shape().to_vec(), view.data().to_vec());
        (name, of)
    };
    file.tensors().into_iter().map(owned).collect()
}

/// Why they are no flow.
fn refusal(tensors: &Tensors, source: Source, options: &Options) -> ConvertError {
    let views = tensors.iter().map(|(name, (dtype, shape, data))| {
        (name, TensorView::new(*dtype, shape.clone(), data).unwrap())
    });
    let bytes = serialize(views, None).unwrap();
    convert_bytes(&bytes, source, options, &Device::default(), DType::F32).unwrap_err()
}

fn floats(shape: &[usize]) -> (Dtype, Vec<usize>, Vec<u8>) {
    let count: usize = shape.iter().product();
    (Dtype::F32, shape.to_vec(), vec![0; 4 * count])
}

#[test]
fn no_safetensors_file() {
    let device = Device::default();
    let found = convert_bytes(
        b"PK",
        Source::Zuko,
        &Options::default(),
        &device,
        DType::F32,
    );
    assert!(matches!(found, Err(ConvertError::Format(_))), "{found:?}");
}

#[test]
fn a_tensor_without_a_home_is_named() {
    let mut all = tensors("nflows_affine");
    all.insert("_transform.extra".into(), floats(&[2]));
    let found = refusal(&all, Source::Nflows, &Options::default());
    assert!(found.to_string().contains("_transform.extra"), "{found}");
}

/// Each weight in turn is taken away, and given another shape.
#[test]
fn each_tensor_is_needed_and_has_its_shape() {
    let cases = [
        (Source::Nflows, "nflows_affine", ""),
        (Source::Nflows, "nflows_maf", ""),
        (Source::Normflows, "normflows_spline", ""),
        (Source::Normflows, "normflows_coupling_sigmoid", ""),
        (Source::Zuko, "zuko_maf", ""),
        (Source::Zuko, "zuko_nice", ""),
        (Source::Zuko, "zuko_maf_residual", ""),
        (Source::Nflows, "nflows_nsf_context", ""),
        (Source::Nflows, "nflows_maf_residual_context", ""),
        (Source::Nflows, "nflows_nsf_norm_context", ""),
        (Source::Nflows, "nflows_one_context", ""),
        (
            Source::Normflows,
            "normflows_spline_autoregressive_context",
            "",
        ),
        (Source::Normflows, "normflows_circular_autoregressive", ""),
        (Source::Normflows, "normflows_residual", ""),
        (Source::Nflows, "nflows_mixture", ""),
        (Source::GlowPytorch, "glow_pytorch_affine", "image = [8, 8]"),
        (Source::GlowPytorch, "glow_pytorch_full", "image = [8, 12]"),
        (
            Source::GlowPytorch,
            "glow_pytorch_additive",
            "image = [8, 8]",
        ),
    ];
    for (source, case, options) in cases {
        let options: Options = options.parse().unwrap();
        let all = tensors(case);
        for name in all.keys() {
            // What tells nothing that the tensors beside it do not: no network lacks its biases, but a layer
            // without them is one of PyTorch's. Masks of triangles tell nothing. A permutation or matrix alone is a module: without it the flow is shorter.
            let optional = [
                "degrees",
                "num_batches_tracked",
                "order",
                "_log_z",
                "bias",
                "perm",
                "eye",
                "l_mask",
                "u_mask",
                "_permutation",
                ".W",
                // Without them a bound or a norm is the default, or they tell nothing.
                "ind_",
                "inv_perm",
                ".scale",
                "tail_bound",
                "geom_p",
                "lamb",
                "last_n_samples",
                "last_firmom",
                "last_secmom",
                "data_dep_init_done",
            ];
            if optional.iter().any(|end| name.ends_with(end)) {
                continue;
            }
            let mut fewer = all.clone();
            fewer.remove(name);
            refusal(&fewer, source, &options);
            let mut other = all.clone();
            other.insert(name.clone(), floats(&[1, 2, 3]));
            refusal(&other, source, &options);
        }
    }
}

#[test]
fn modules_that_are_not_supported_are_named() {
    let mut all = tensors("nflows_affine");
    all.insert("_transform._transforms.7.q_vectors".into(), floats(&[5, 5]));
    let found = refusal(&all, Source::Nflows, &Options::default());
    assert!(
        found.to_string().contains("_transform._transforms.7"),
        "{found}"
    );

    let mut all = tensors("nflows_affine");
    let net = "_transform._transforms.2.transform_net.blocks.0.batch_norm_layers.0.weight";
    all.insert(net.into(), floats(&[8]));
    let found = refusal(&all, Source::Nflows, &Options::default());
    assert!(found.to_string().contains("batch"), "{found}");

    let mut all = tensors("nflows_nsf_context");
    all.insert("net._embedding_net.1.weight".into(), floats(&[2, 2, 3]));
    let found = refusal(&all, Source::Nflows, &Options::default());
    assert!(found.to_string().contains("_embedding_net"), "{found}");

    let found = refusal(
        &tensors("normflows_coupling_swap"),
        Source::Normflows,
        &Options::default(),
    );
    assert!(found.to_string().contains("without_tensors"), "{found}");

    let found = refusal(&tensors("zuko_maf"), Source::Nflows, &Options::default());
    assert!(
        matches!(
            found,
            ConvertError::Unsupported { .. } | ConvertError::Unknown { .. }
        ),
        "{found}"
    );
}

#[test]
fn options_are_checked() {
    let found = "activation = \"Swish\"".parse::<Options>().unwrap_err();
    assert!(found.to_string().contains("Swish"), "{found}");
    assert!("tail_bond = 1.0".parse::<Options>().is_err());
    let options: Options = "tail_bound = -1.0".parse().unwrap();
    let bytes = std::fs::read(vectors("nflows_spline")).unwrap();
    let device = Device::default();
    let found = convert_bytes(&bytes, Source::Nflows, &options, &device, DType::F32);
    assert!(found.is_err());
}

#[test]
fn least_sizes_are_checked() {
    for (source, name, text, named) in [
        // Six bins of a fifth of the range each.
        (
            Source::Nflows,
            "nflows_spline",
            "least = { width = 0.2 }",
            "width",
        ),
        (
            Source::Nflows,
            "nflows_spline",
            "least = { slope = -1.0 }",
            "slope",
        ),
        (
            Source::Zuko,
            "zuko_nsf",
            "least = { width = 0.01 }",
            "softly bounded",
        ),
    ] {
        let found = refusal(&tensors(name), source, &text.parse().unwrap());
        assert!(found.to_string().contains(named), "{found}");
    }
    assert!("least = { widths = 0.01 }".parse::<Options>().is_err());
}

/// A gate in one block of two, of another width, and of a context that the first layer does not see.
#[test]
fn gates_without_their_network_are_refused() {
    let block = |block| format!("_transform._transforms.2.transform_net.blocks.{block}");
    let gate = |of| format!("{}.context_layer.weight", block(of));
    for (gates, shape, named) in [
        (vec![gate(0)], [8, 2], "1 of 2 blocks"),
        (vec![gate(0), gate(1)], [7, 2], "7 units in a network of 8"),
        (vec![gate(0), gate(1)], [8, 9], "does not see"),
    ] {
        let mut all = tensors("nflows_affine");
        for gate in gates {
            all.insert(gate, floats(&shape));
        }
        let found = refusal(&all, Source::Nflows, &Options::default());
        assert!(found.to_string().contains(named), "{found}");
    }
}
