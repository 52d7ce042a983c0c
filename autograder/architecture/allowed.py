"""What a model may be rebuilt from: Keras' layers, operations and activations that only compute."""

from __future__ import annotations

import re

SPATIAL = ("1D", "2D", "3D")
LAYERS = frozenset(
    {
        "Activation",
        "ActivityRegularization",
        "Add",
        "AdditiveAttention",
        "AlphaDropout",
        "Attention",
        "AugMix",
        "AutoContrast",
        "Average",
        "BatchNormalization",
        "Bidirectional",
        "CategoryEncoding",
        "CenterCrop",
        "Concatenate",
        "ContrastLimitedAdaptiveHistogramEqualization",
        "CutMix",
        "Dense",
        "Dot",
        "Dropout",
        "ELU",
        "EinsumDense",
        "Embedding",
        "Equalization",
        "Flatten",
        "GRU",
        "GRUCell",
        "GaussianDropout",
        "GaussianNoise",
        "GroupNormalization",
        "GroupedQueryAttention",
        "Identity",
        "InputLayer",
        "LSTM",
        "LSTMCell",
        "LayerNormalization",
        "LeakyReLU",
        "Masking",
        "Maximum",
        "MelSpectrogram",
        "Minimum",
        "MixUp",
        "MultiHeadAttention",
        "Multiply",
        "Normalization",
        "PReLU",
        "Permute",
        "Pipeline",
        "RMSNormalization",
        "RNN",
        "RandAugment",
        "RandomBrightness",
        "RandomColorDegeneration",
        "RandomColorJitter",
        "RandomContrast",
        "RandomCrop",
        "RandomElasticTransform",
        "RandomErasing",
        "RandomFlip",
        "RandomGaussianBlur",
        "RandomGrayscale",
        "RandomHue",
        "RandomInvert",
        "RandomPerspective",
        "RandomPosterization",
        "RandomRotation",
        "RandomSaturation",
        "RandomSharpness",
        "RandomShear",
        "RandomTranslation",
        "RandomZoom",
        "ReLU",
        "RepeatVector",
        "Rescaling",
        "Reshape",
        "Resizing",
        "ReversibleEmbedding",
        "SimpleRNN",
        "SimpleRNNCell",
        "Softmax",
        "Solarization",
        "SpectralNormalization",
        "StackedRNNCells",
        "Subtract",
        "TimeDistributed",
        "UnitNormalization",
    }
    | {
        stem + rank
        for rank in SPATIAL
        for stem in (
            "AdaptiveAveragePooling",
            "AdaptiveMaxPooling",
            "AveragePooling",
            "Conv",
            "ConvLSTM",
            "Cropping",
            "GlobalAveragePooling",
            "GlobalMaxPooling",
            "MaxPooling",
            "SpatialDropout",
            "UpSampling",
            "ZeroPadding",
        )
    }
    | {f"Conv{rank}Transpose" for rank in SPATIAL}
    | {f"{stem}Conv{rank}" for rank in SPATIAL[:2] for stem in ("Depthwise", "Separable")}
)
"""Not on it: Lambda, TFSMLayer, TorchModuleWrapper, JaxLayer, FlaxLayer (foreign code);
StringLookup, IntegerLookup, TextVectorization, Discretization, Hashing, HashedCrossing (files,
strings); MaxNumBoundingBoxes (no tensors); STFTSpectrogram (SciPy). A test compares it with the
pinned Keras.
"""

INNER_LAYERS = {
    ("keras.src.applications.convnext", "LayerScale"),
    ("keras.src.applications.convnext", "StochasticDepth"),
    ("keras.src.applications.inception_resnet_v2", "CustomScaleLayer"),
}
"""Layers of Keras without a public name, which keras.applications are made of."""

CORE = "keras.src.ops.core"
OPERATION_MODULES = frozenset(
    {CORE, "keras.src.activations.activations"}
    | {f"keras.src.ops.{name}" for name in ("numpy", "nn", "math", "image", "linalg", "einops")}
)
CORE_OPERATIONS = frozenset(
    {
        "Cast",
        "ConvertToTensor",
        "SaturateCast",
        "Scatter",
        "ScatterUpdate",
        "Slice",
        "SliceUpdate",
        "StopGradient",
        "Unstack",
    }
)
"""The rest of keras.ops' core takes functions."""

ACTIVATIONS = frozenset(
    {
        "celu",
        "elu",
        "exponential",
        "gelu",
        "glu",
        "hard_shrink",
        "hard_sigmoid",
        "hard_silu",
        "hard_swish",
        "hard_tanh",
        "leaky_relu",
        "linear",
        "log_sigmoid",
        "log_softmax",
        "mish",
        "relu",
        "relu6",
        "selu",
        "sigmoid",
        "silu",
        "soft_shrink",
        "softmax",
        "softplus",
        "softsign",
        "sparse_plus",
        "sparse_sigmoid",
        "sparsemax",
        "squareplus",
        "swish",
        "tanh",
        "tanh_shrink",
        "threshold",
    }
)
DTYPES = re.compile(r"(mixed_)?b?float(16|32|64)|u?int(8|16|32|64)|bool")
ACTIVATION_KEYS = ("activation", "recurrent_activation")
MODELS = {"Functional", "Sequential", "Model"}
