"""Networks and their files: loading by name, the Hub, CLIP, DINO, VGG19, FCN and the starter."""
