# Host it yourself: docs/hosting.md. `--build-arg DEVICE=cuda` takes PyTorch with CUDA, several GB more.
ARG PYTHON=3.12
FROM python:${PYTHON}-slim-bookworm
ARG DEVICE=cpu

WORKDIR /app
COPY requirements.txt ./
# PyPI's PyTorch is the one with CUDA; the other index has the same versions for CPUs alone.
RUN if [ "$DEVICE" = cpu ]; then torch="--extra-index-url=https://download.pytorch.org/whl/cpu"; fi \
    && pip install --no-cache-dir ${torch:+"$torch"} -r requirements.txt

# All that is written: /data is a volume, /tmp may be a tmpfs, and the rest read-only.
# A user id that is not in the image, as some hosts give one, has no name of its own.
ENV HOME=/data \
    USER=studio \
    HF_HOME=/data/huggingface \
    XDG_CACHE_HOME=/data/cache \
    GRADIO_TEMP_DIR=/tmp/gradio \
    GRADIO_ANALYTICS_ENABLED=False \
    HF_HUB_DISABLE_TELEMETRY=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN useradd --uid 1000 --home-dir /data --no-create-home studio \
    && install --directory --owner=studio --group=studio /data
COPY LICENSE app.py ./
COPY semcs_core ./semcs_core
COPY styles ./styles
COPY models ./models
COPY studio ./studio
COPY examples ./examples

USER 1000:1000
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --retries=3 \
    CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:7860/health', timeout=8)"]
CMD ["python", "app.py", "--host", "0.0.0.0", "--port", "7860"]
