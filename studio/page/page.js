// Runs once on the page; what Gradio has no option for.
() => {
    // A photo, or a picture made here, that is dropped or pasted anywhere goes the way of the
    // upload button; on a tile for a style picture, filled or not, it becomes that.
    const give = (file, place = document) => {
        const box = place.closest?.(".semcs-tile") ?? document.querySelector("#upload-box");
        const input = box.querySelector("input[type=file]");
        const files = new DataTransfer();
        files.items.add(file);
        input.files = files.files;
        input.dispatchEvent(new Event("change", {bubbles: true}));
    };
    document.addEventListener("dragover", event => event.preventDefault());
    document.addEventListener("drop", event => {
        if (!event.dataTransfer || !event.dataTransfer.files.length) return;
        event.preventDefault();
        event.stopPropagation();
        give(event.dataTransfer.files[0], event.target);
    }, true);
    document.addEventListener("paste", event => {
        if (event.clipboardData && event.clipboardData.files.length)
            give(event.clipboardData.files[0]);
    });

    // What a screen reader would find without a name, or with one that says too little.
    const name = () => {
        for (const empty of document.querySelectorAll(".empty[aria-label]:not([role])"))
            empty.setAttribute("role", "img");
        for (const [id, text] of [["result", "The picture"], ["timelapse", "The time-lapse"]])
            for (const button of document.querySelectorAll(`#${id} button:not([aria-label])`))
                if (!button.innerText.trim()) button.setAttribute("aria-label", text);
        for (const tile of document.querySelectorAll(".semcs-tile")) {
            const text = tile.querySelector("label").textContent.trim();
            for (const button of tile.querySelectorAll("button:not([data-named])")) {
                const clears = button.matches(".icon-button");
                button.setAttribute("aria-label", clears ? text.replace("S", "Clear the s") : text);
                button.title = button.getAttribute("aria-label");
                button.dataset.named = "";
            }
            for (const image of tile.querySelectorAll("img:not([alt^=S])")) image.alt = text;
        }
        for (const [id, text] of [["compare", "Photo and picture"], ["editor", "Photo and mask"]])
            for (const canvas of document.querySelectorAll(`#${id} canvas:not([aria-label])`)) {
                canvas.setAttribute("role", "img");
                canvas.setAttribute("aria-label", text);
            }
    };

    // Gradio's editor centres a layer in everything that it holds. That includes the brush's
    // texture, which still has the size of the photo before: after a square photo, the mask of a
    // landscape one came too low. The texture is made anew, at the new photo's size, before.
    let mended = null;
    const mend = () => {
        const editor = window.editor; // Gradio sets it when the editor appears
        if (!editor || editor === mended) return;
        mended = editor;
        editor.ready.then(() => {
            const layers = editor.layer_manager, add = layers.add_layer_from_url.bind(layers);
            layers.add_layer_from_url = url => {
                editor.tools.get("brush")?.brush_textures?.initialize_textures();
                return add(url);
            };
        });
    };
    const look = () => { name(); mend(); };
    new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
    look();
}
