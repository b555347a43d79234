"use strict";

// In the form of a to-do, the categories to choose from are those of the owner chosen above.
django.jQuery(($) => {
    const owner = $("#id_user");
    const category = $("#id_category");
    const {appLabel, modelName, fieldName} = category.data() ?? {};
    if (!fieldName) { // somebody who may look at the form, but not change it
        return;
    }
    category.removeAttr("lang"); // whose texts would win over those below
    category.select2({
        ajax: {
            data: ({term, page}) => ({
                term,
                page,
                app_label: appLabel,
                model_name: modelName,
                field_name: fieldName,
                owner: owner.val() ?? "",
            }),
        },
        language: {
            noResults: () => (owner.val() ? "This owner has no such category." : "Choose the owner first."),
        },
    });
    owner.on("change", () => category.val(null).trigger("change"));
});
