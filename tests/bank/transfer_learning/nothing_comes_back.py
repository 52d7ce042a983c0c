"""Features are computed and a model is built, and both returns are forgotten; what is to thaw the model waits.
---
assignment = "transfer_learning"
hint_should_mention = 'waits for «frozen_model»: it gives no model'
[score]
extract_features = 0.0
frozen_model = 0.0
unfreeze_top = 0.0
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    features = base.predict(images, batch_size=batch_size, verbose=0).astype("float32")

# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = layers.GlobalAveragePooling2D()(base(layers.RandomFlip("horizontal")(inputs)))
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(layers.Dropout(0.3)(x)))
    model.compile("adam", loss="sparse_categorical_crossentropy")
