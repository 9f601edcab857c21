//! The programs of the book in `docs` as doctests. A page is read where it lies, outside of the crate, which is possible
//! since nothing but doctests reads it. A test compares this list with the folder.

macro_rules! pages {
    ($($name:ident: $page:literal;)+) => {$(
        #[doc = include_str!(concat!("../../../docs/", $page))]
        struct $name;
    )+};
}

pages! {
    Backends: "backends.md";
    Callbacks: "callbacks.md";
    Files: "files.md";
    Images: "images.md";
    Integrators: "integrators.md";
    Memory: "memory.md";
    OwnLayer: "own-layer.md";
    Posterior: "posterior.md";
    Start: "README.md";
    Tables: "tables.md";
    Training: "training.md";
    Variational: "variational.md";
    FromFlowjax: "from/flowjax.md";
    FromKeras: "from/keras.md";
    FromNflows: "from/nflows.md";
    FromPytorch: "from/pytorch.md";
    FromSbi: "from/sbi.md";
    FromZuko: "from/zuko.md";
    Models: "models/index.md";
    Categorical: "models/categorical.md";
    Circular: "models/circular.md";
    Conditional: "models/conditional.md";
    Ffjord: "models/ffjord.md";
    FlowMatching: "models/flow_matching.md";
    Fvae: "models/fvae.md";
    Glow: "models/glow.md";
    Iaf: "models/iaf.md";
    Maf: "models/maf.md";
    Naf: "models/naf.md";
    Nice: "models/nice.md";
    Nsf: "models/nsf.md";
    NsfAr: "models/nsf_ar.md";
    Planar: "models/planar.md";
    Realnvp: "models/realnvp.md";
    Vae: "models/vae.md";
    Vib: "models/vib.md";
}
