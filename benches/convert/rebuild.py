"""Models of thalweg in plain PyTorch, from their files: what docs/weights.md says, as a program.

    python benches/convert/rebuild.py model.safetensors numbers.safetensors

`numbers.safetensors` holds `x`, `log_prob`, and `context` of a flow given vectors; the file beside a model of `crates/thalweg-models/tests/fixtures/format-1`
will do too. It prints the largest difference of a log-density. Versions: Python 3.11, torch 2.15.0, safetensors 0.8.0,
numpy 2.4.6.
"""

import json
import math
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch.nn import functional as F


def activation(config):
    known = {
        "Relu": torch.relu,
        "Tanh": torch.tanh,
        "Silu": F.silu,
        "LeakyRelu": lambda x: F.leaky_relu(x, 0.1),
        "Elu": F.elu,
        "Gelu": F.gelu,
    }
    return known[config] if isinstance(config, str) else lambda x: F.leaky_relu(x, config["LeakySlope"])


class File:
    """The weights below a path; `y = x W + b` with `W [inputs, outputs]`."""

    def __init__(self, tensors, path=""):
        self.tensors, self.path = tensors, path

    def at(self, name):
        return File(self.tensors, f"{self.path}{name}.")

    def __getitem__(self, name):
        return self.tensors[self.path + name]

    def has(self, name):
        return any(key.startswith(self.path + name) for key in self.tensors)

    def linear(self, x, mask=None):
        weight = self["weight"] if mask is None else self["weight"] * mask
        return x @ weight + self["bias"]


class Changes:
    """What a context and norms change at the layers of a network: 0 is the first one, each block has two."""

    def __init__(self, file, config, context, a):
        self.file, self.config, self.context, self.a = file.at("modulation"), config or {}, context, a

    def normed(self, layer, h):
        if not self.config.get("norms") or layer % 2 == 0:
            return h
        norm = self.file.at(f"norms.{layer // 2}")
        return norm["factor"] * h + norm["summand"]

    def changed(self, layer, y):
        if layer == 0:
            return y + self.a(self.file.at("first").linear(self.context)) if self.config.get("first") else y
        blocks, of_block = self.config.get("blocks", "Nothing"), self.file.at(f"blocks.{(layer - 1) // 2}")
        if blocks == "Shift" and layer % 2 == 1:
            return y + of_block.linear(self.context)
        if blocks == "Gate" and layer % 2 == 0:
            return y * torch.sigmoid(of_block.linear(self.context))
        return y


def network(file, config, x, context=None):
    a = activation(config["activation"])
    if config["residual"]:
        change = Changes(file, config.get("modulation"), context, a)
        h = change.changed(0, file.at("input").linear(x))
        for block in range(len(config["hidden"])):
            at, first = file.at(f"blocks.{block}"), 2 * block + 1
            inner = change.changed(first, at.at("first").linear(a(change.normed(first, h))))
            h = h + change.changed(first + 1, at.at("second").linear(a(inner)))
        return file.at("output").linear(h)
    for layer in range(len(config["hidden"])):
        x = a(file.at(f"layers.{layer}").linear(x))
    return file.at(f"layers.{len(config['hidden'])}").linear(x)


def masked(file, config, parameters, x, context=None):
    """A hidden unit of degree m sees those of degree m and less, and its degree is a number of features; a context has
    degree 0."""
    order, a = config["order"], activation(config["activation"])
    place = {feature: at for at, feature in enumerate(order)}
    x, features = angles(config.get("angles") or [0.0] * len(order), x)
    inputs = [place[f] + 1 for f in features] + [0] * (0 if context is None else context.shape[1])
    levels = [inputs, *config["degrees"], [place[f] for f in range(len(order))] * parameters]
    levels = [torch.tensor(level) for level in levels]
    masks = [(before[:, None] <= after[None, :]).to(x.dtype) for before, after in zip(levels, levels[1:])]
    layer = lambda index, x: file.at(f"layers.{index}").linear(x, masks[index])
    change = Changes(file, config.get("modulation"), context, a)
    last = len(masks) - 1
    h = change.changed(0, layer(0, x if context is None else torch.cat([x, context], 1)))
    if config["residual"]:
        for index in range(1, last, 2):
            entry = h if config.get("plain_entry") else a(change.normed(index, h))
            inner = change.changed(index, layer(index, entry))
            h = h + change.changed(index + 1, layer(index + 1, a(inner)))
        return layer(last, h)
    for index in range(1, last + 1):
        h = layer(index, a(h))
    return h


def angles(factors, x):
    """Features as they are, then the cosines of the others, then their sines, and the feature of each number."""
    plain = [f for f, factor in enumerate(factors) if factor == 0]
    circles = [f for f, factor in enumerate(factors) if factor != 0]
    angle = x[:, circles] * torch.tensor([factors[f] for f in circles], dtype=x.dtype)
    return torch.cat([x[:, plain], angle.cos(), angle.sin()], 1), plain + circles + circles


def log_scale(config, r):
    name, values = (config, {}) if isinstance(config, str) else next(iter(config.items()))
    match name:
        case "Exp":
            return r
        case "SoftBounded":
            return r / (1 + r.abs() / values)
        case "Sigmoid":
            return F.logsigmoid(r + values["shift"])
        case "InverseSigmoid":
            return -F.logsigmoid(r + values["shift"])
        case "FlooredSigmoid":
            return torch.log(torch.sigmoid(r + values["shift"]) + values["floor"])
        case "FlooredSoftplus":
            return torch.log(F.softplus(r) + values["floor"])


def transform(config, x, p):
    """The transformed numbers and the log-determinant; the parameters are one block each, all features in it."""
    rows, features = x.shape
    p = p.reshape(rows, -1, features).transpose(1, 2)
    name, values = (config, {}) if isinstance(config, str) else next(iter(config.items()))
    if name == "Additive":
        return x + p[..., 0], torch.zeros(rows, dtype=x.dtype)
    if name == "Affine":
        s = log_scale(values["scale"], p[..., 1])
        return x * s.exp() + p[..., 0], s.sum(1)
    if name != "Spline":
        raise NotImplementedError(f"the transformer {name} is not in this script")
    return spline(values, x, p)


def spline(config, x, p):
    ends = config.get("ends", "Straight")
    if ends not in ("Straight", "Circular"):
        raise NotImplementedError(f"splines whose ends are {config['ends']} are not in this script")
    bins, bound, least = config["bins"], config["bound"], config.get("least_slope")
    raw_w, raw_h, raw_d = p.split([bins, bins, p.shape[-1] - 2 * bins], dim=-1)
    if least is None:
        m = {"width": 1e-3, "height": 1e-3, "slope": 1e-3} | (config.get("least") or {})
        shares = lambda raw, m: m + (1 - m * bins) * F.softmax(raw, -1)
        widths, heights = shares(raw_w, m["width"]), shares(raw_h, m["height"])
        slopes = m["slope"] + F.softplus(raw_d + math.log(math.exp(1 - m["slope"]) - 1))
    else:
        b = abs(math.log(least))
        shares = lambda raw: F.softmax(raw / (1 + raw.abs() / (b / 2)), -1)
        widths, heights = shares(raw_w), shares(raw_h)
        slopes = torch.exp(raw_d / (1 + raw_d.abs() / b))
    # On a circle both ends have one slope, the first one.
    slopes = torch.cat([slopes, slopes[..., :1]], -1) if ends == "Circular" else F.pad(slopes, (1, 1), value=1.0)
    edges = lambda shares: F.pad(2 * bound * shares.cumsum(-1), (1, 0)) - bound
    xs, ys = edges(widths), edges(heights)
    inside = x.abs() <= bound
    at = x.clamp(-bound, bound)
    bin = (xs[..., 1:-1] <= at[..., None]).sum(-1, keepdim=True)
    pick = lambda knots, bin: knots.gather(-1, bin)[..., 0]
    x0, x1, y0, y1 = pick(xs, bin), pick(xs, bin + 1), pick(ys, bin), pick(ys, bin + 1)
    d0, d1 = pick(slopes, bin), pick(slopes, bin + 1)
    s, xi = (y1 - y0) / (x1 - x0), (at - x0) / (x1 - x0)
    mixed = xi * (1 - xi)
    q = s + (d0 + d1 - 2 * s) * mixed
    y = y0 + (y1 - y0) * (s * xi**2 + d0 * mixed) / q
    slope = s**2 * (d1 * xi**2 + 2 * s * mixed + d0 * (1 - xi) ** 2) / q**2
    return torch.where(inside, y, x), torch.where(inside, slope.log(), 0.0).sum(1)


def matrix(file, x):
    """`z = W x`, by the triangular factors `P L (U + diag(σ eˢ))`."""
    lower = file["lower"].tril(-1) + torch.eye(x.shape[1], dtype=x.dtype)
    upper = file["upper"].triu(1) + torch.diag(file["sign"] * file["log_diagonal"].exp())
    weight = (lower @ upper)[file["order"]]
    return x @ weight.T, file["log_diagonal"].sum().expand(len(x))


def of_enum(config):
    return (config, {}) if isinstance(config, str) else next(iter(config.items()))


def inverted_of_context(file, values, x, context):
    """The inverse of a layer of the context that shifts and scales."""
    (kind, of), net = of_enum(values["transformer"]), values["network"]
    if kind == "Spline":
        raise NotImplementedError("the inverse of splines is not in this script")
    p = network(file.at("inner.network." + ("Residual" if net["residual"] else "Plain")), net, context, context)
    t, *r = p.reshape(len(x), -1, x.shape[1]).transpose(0, 1)
    s = log_scale(of["scale"], r[0]) if r else torch.zeros_like(t)
    return (x - t) * (-s).exp(), -s.sum(1)


def layer(file, config, x, context=None):
    """A layer from data to latents. Of a flow given vectors those without a network are one level deeper."""
    name, values = (config, {}) if isinstance(config, str) else next(iter(config.items()))
    match name:
        case "Permutation":
            return x[:, values["order"]], torch.zeros(len(x), dtype=x.dtype)
        case "ActNorm":
            s = file["log_scale"]
            return (x - file["mean"]) * s.exp(), s.sum().expand(len(x))
        case "Affine":
            s = file["log_scale"]
            return x * s.exp() + file["shift"], s.sum().expand(len(x))
        case "CircleShift":
            bounds = torch.tensor(values["bounds"], dtype=x.dtype)
            moved = torch.remainder(x + file["shift"] + bounds, 2 * bounds) - bounds
            return torch.where(bounds > 0, moved, x), torch.zeros(len(x), dtype=x.dtype)
        case "Linear":
            return matrix(file.at("form"), x)
        case "Matrix":
            weight = file["form.weight"]
            return x @ weight.T, torch.linalg.slogdet(weight)[1].expand(len(x))
        case "Coupling":
            kept, rest = x[:, : values["kept"]], x[:, values["kept"] :]
            kind = "Residual" if values["network"]["residual"] else "Plain"
            if context is None:
                p = network(file.at(f"conditioner.{kind}"), values["network"], kept)
            else:
                seen = torch.cat([kept, context], 1)
                p = network(file.at(f"conditioner.network.{kind}"), values["network"], seen, context)
            z, log_det = transform(values["transformer"], rest, p)
            return torch.cat([kept, z], 1), log_det
        case "Autoregressive":
            t = values["transformer"]
            outputs = {"Additive": 1, "Affine": 2}.get(t if isinstance(t, str) else next(iter(t)))
            if outputs is None and "Spline" not in t:
                raise NotImplementedError(f"the transformer {t} is not in this script")
            parameters = outputs or 3 * t["Spline"]["bins"] - (t["Spline"].get("ends") != "Circular")
            at = file.at("network" if context is None else "network.network")
            return transform(t, x, masked(at, values["network"], parameters, x, context))
        case "Context":
            kind = "Residual" if values["network"]["residual"] else "Plain"
            p = network(file.at(f"network.{kind}"), values["network"], context, context)
            return transform(values["transformer"], x, p)
        case "Inverted" if next(iter(values)) == "Context":
            return inverted_of_context(file, values["Context"], x, context)
    raise NotImplementedError(f"the layer {name} is not in this script")


def standardize(file, x):
    return (x - file["mean"]) * file["log_deviation"].neg().exp(), -file["log_deviation"].sum()


def composed(file, config, x, context=None):
    config = config if context is None else config["flow"]
    if config.get("base", "Normal") != "Normal" and "UniformNormal" not in config["base"]:
        raise NotImplementedError(f"the base density {config['base']} is not in this script")
    x, total = standardize(file.at("standardize"), x)
    for index, each in enumerate(config["layers"]):
        name, values = of_enum(each)
        fixed = context is not None and name not in ("Coupling", "Autoregressive", "Context", "Inverted")
        path = "Fixed." + name if fixed else name
        if name == "Inverted":
            path += of_enum(values)[0]
        x, log_det = layer(file.at(f"layers.{index}.{path}"), each, x, context)
        total = total + log_det
    return x, total


def coupling_flow(file, config, x, context=None):
    """`CouplingFlow`: a map by its factors and a coupling a step, whose halves are exchanged in every other one."""
    style = config["style"]
    kinds = {"Additive": "Additive", "Affine": {"Affine": {"scale": {"SoftBounded": 4.0}}},
             "SigmoidShift": {"Affine": {"scale": {"Sigmoid": {"shift": 2.0}}}}}
    t = kinds[style] if isinstance(style, str) else {"Spline": style["Spline"]}
    x, total = standardize(file.at("standardize"), x)
    half = config["features"] // 2
    for index in range(config["couplings"]):
        step = file.at(f"steps.{index}")
        x, mix = matrix(step.at("mix").at("form"), x)
        first, second = x[:, :half], x[:, half:]
        kept, rest = (first, second) if index % 2 == 0 else (second, first)
        name = "Residual" if config["residual"] else "Numbers"
        p = network(step.at(f"coupling.conditioner.{name}"), config, kept)
        rest, log_det = transform(t, rest, p)
        x = torch.cat([kept, rest] if index % 2 == 0 else [rest, kept], 1)
        total = total + mix + log_det
    return x, total


def log_prob(path, x, context=None):
    with safe_open(path, "pt") as file:
        about = file.metadata()
    kind, config = about["thalweg.model"], json.loads(about["thalweg.config"])
    tensors = {name: t.to(x.dtype) if t.is_floating_point() else t for name, t in load_file(path).items()}
    build = {"composed flow": composed, "conditional composed flow": composed, "coupling flow": coupling_flow}[kind]
    z, log_det = build(File(tensors, "flow.bijection."), config, x, context)
    base = config.get("flow", config).get("base", "Normal")
    circles = [] if isinstance(base, str) else base["UniformNormal"]["circles"]
    lines = [feature for feature in range(z.shape[1]) if feature not in circles]
    return log_det - 0.5 * (z[:, lines] ** 2 + math.log(2 * math.pi)).sum(1)


def numbers(path):
    """`x`, the context if there is one, and the log-densities that the model gave."""
    if not path.endswith(".json"):
        tensors = {name: tensor.double() for name, tensor in load_file(path).items()}
        return tensors["x"], tensors.get("context"), tensors["log_prob"]
    with open(path) as file:
        stored = json.load(file)
    tensor = lambda of: torch.tensor(of["numbers"]).double().reshape(of["shape"])
    inputs = {name: tensor(of) for name, of in stored["inputs"].items()}
    return inputs["x"], inputs.get("context"), torch.tensor(stored["found"]).double()


if __name__ == "__main__":
    x, context, expected = numbers(sys.argv[2])
    found = log_prob(sys.argv[1], x, context)
    print(f"largest difference of {len(found)} log-densities: {(found - expected).abs().max():.1e} nats")
